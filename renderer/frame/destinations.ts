import {
  CalendarCheck,
  History,
  Inbox,
  Library,
  Play,
  Server,
  Settings,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { ScreenName } from '../stores/navigation-store.ts';

export interface Destination {
  readonly screen: ScreenName;
  readonly title: string;
  readonly icon: LucideIcon;
  /** Second key after `g`. */
  readonly key: string;
}

/** The rail, from top to bottom. Only what works is here. */
export const DESTINATIONS: readonly Destination[] = [
  { screen: 'today', title: 'Today', icon: CalendarCheck, key: 't' },
  { screen: 'endpoints', title: 'Endpoints', icon: Server, key: 'e' },
  { screen: 'catalogue', title: 'Catalogue', icon: Library, key: 'c' },
  { screen: 'approvals', title: 'Approvals', icon: Inbox, key: 'a' },
  { screen: 'runs', title: 'Runs', icon: Play, key: 'r' },
  { screen: 'restore', title: 'Restore', icon: History, key: 's' },
  { screen: 'incidents', title: 'Incidents', icon: TriangleAlert, key: 'i' },
];
export const SETTINGS: Destination = { screen: 'settings', title: 'Settings', icon: Settings, key: ',' };
