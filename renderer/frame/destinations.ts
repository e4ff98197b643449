import {
  CalendarCheck,
  Antenna,
  FileStack,
  History,
  Inbox,
  KeyRound,
  Library,
  Package,
  Play,
  ScrollText,
  Server,
  Settings,
  TriangleAlert,
  Usb,
  type LucideIcon,
} from 'lucide-react';
import type { Workspace } from '../../contract/vocabulary.ts';
import type { ScreenName } from '../stores/navigation-store.ts';

export interface Destination {
  readonly screen: ScreenName;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Second key after `g`. */
  readonly key: string;
}

const OPERATE: readonly Destination[] = [
  { screen: 'today', title: 'Today', icon: CalendarCheck, key: 't' },
  { screen: 'endpoints', title: 'Endpoints', icon: Server, key: 'e' },
  { screen: 'catalogue', title: 'Catalogue', icon: Library, key: 'c' },
  { screen: 'approvals', title: 'Approvals', icon: Inbox, key: 'a' },
  { screen: 'runs', title: 'Runs', icon: Play, key: 'r' },
  { screen: 'restore', title: 'Restore', icon: History, key: 's' },
  { screen: 'incidents', title: 'Incidents', icon: TriangleAlert, key: 'i' },
];
const COLLECT: readonly Destination[] = [
  { screen: 'sources', title: 'Sources', icon: Antenna, key: 's' },
  { screen: 'needs', title: 'Needs-lists', icon: FileStack, key: 'n' },
  { screen: 'bundles', title: 'Bundles', icon: Package, key: 'b' },
  { screen: 'media', title: 'Media', icon: Usb, key: 'm' },
  { screen: 'keys', title: 'Signing keys', icon: KeyRound, key: 'k' },
];

const REVIEW: readonly Destination[] = [
  { screen: 'packs', title: 'Packs', icon: Inbox, key: 'p' },
  { screen: 'policies', title: 'Policies', icon: ScrollText, key: 'o' },
  { screen: 'my-key', title: 'My key', icon: KeyRound, key: 'k' },
];

/** The rail of each workspace, from top to bottom. Only what works is here. */
const DESTINATIONS: Readonly<Record<Workspace, readonly Destination[]>> = {
  operate: OPERATE,
  collect: COLLECT,
  review: REVIEW,
};

/** Where a workspace opens. */
const HOMES: Readonly<Record<Workspace, ScreenName>> = {
  operate: 'today',
  collect: 'bundles',
  review: 'packs',
};

export const destinationsOf = (workspace: Workspace): readonly Destination[] => DESTINATIONS[workspace];

/** The screen itself, or where the workspace opens when it has no such screen. */
export function screenIn(workspace: Workspace, screen: ScreenName): ScreenName {
  const known = [...DESTINATIONS[workspace], SETTINGS].some((destination) => destination.screen === screen);
  return known ? screen : HOMES[workspace];
}

export const SETTINGS: Destination = { screen: 'settings', title: 'Settings', icon: Settings, key: ',' };
