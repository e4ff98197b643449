import {
  FilePlus,
  FileSignature,
  FolderInput,
  ListPlus,
  ListX,
  LogOut,
  Monitor,
  Moon,
  Package,
  PackagePlus,
  Play,
  RefreshCw,
  ScrollText,
  Server,
  Sun,
  UserPlus,
  History,
  KeyRound,
  type LucideIcon,
} from 'lucide-react';
import { formatWhenInside } from '../format/dates.ts';
import { countOf } from '../format/figures.ts';
import { sayStatement, STATEMENT_KINDS } from '../format/statements.ts';
import { APPROVAL_STATES } from '../format/words.ts';
import type { Application } from '../stores/application.ts';
import { closingLists, nameList } from '../stores/approvals-store.ts';
import { destinationsOf, SETTINGS } from './destinations.ts';
import { holdsRole } from '../stores/session-store.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly icon: LucideIcon;
  readonly act: () => void;
}

/** Most shown at once; whoever wants more types another letter. */
const MOST = 40;

/** What the person who is signed in may do and open, in the order in which it is shown before anything is typed. */
export function collectEntries(application: Application, now: number): PaletteEntry[] {
  const {
    navigation,
    preferences,
    session,
    endpoints,
    approvals,
    runs,
    catalogue,
    snapshots,
    collect,
    statements,
  } = application;
  const { go } = navigation.getState();
  const isEngineer = holdsRole(session.getState(), 'engineer');
  const mayAddPeople = holdsRole(session.getState(), 'engineer', 'service-manager');
  const entry = (
    id: string,
    kind: string,
    title: string,
    icon: LucideIcon,
    act: () => void,
  ): PaletteEntry => ({
    id,
    kind,
    title,
    icon,
    act,
  });
  const workspace = session.getState().site.value?.site?.workspace ?? 'operate';
  const screens = [...destinationsOf(workspace), SETTINGS].map(({ screen, title, icon }) =>
    entry(`screen:${screen}`, 'Screen', title, icon, () => go(screen)),
  );
  const actions = [
    ...(isEngineer && workspace === 'collect'
      ? [
          entry('do:open-needs', 'Action', 'Open a needs-list', FilePlus, () => go('needs', null, 'open')),
          entry('do:rehearse', 'Action', 'Rehearse with a key', KeyRound, () => go('keys', null, 'rehearse')),
          entry('do:build', 'Action', 'Build a bundle', PackagePlus, () => go('bundles', null, 'build')),
        ]
      : []),
    ...(isEngineer && workspace === 'operate'
      ? [
          entry('do:scan', 'Action', 'Scan all endpoints', RefreshCw, () => {
            go('endpoints', null);
            void endpoints.getState().scan([]);
          }),
          entry('do:plan', 'Action', 'Make a plan', ListPlus, () => go('endpoints', null, 'plan')),
          entry('do:add-endpoint', 'Action', 'Add an endpoint', Server, () => go('endpoints', null, 'add')),
          entry('do:import', 'Action', 'Import a bundle', FolderInput, () => go('catalogue', null, 'import')),
          ...closingLists(approvals.getState().queue.value).map((item) =>
            entry(`do:close:${item.approvalId}`, 'Action', `Close the list ${nameList(item)}`, ListX, () =>
              go('approvals', item.approvalId, 'close'),
            ),
          ),
        ]
      : []),
    ...(mayAddPeople
      ? [entry('do:person', 'Action', 'Add a person', UserPlus, () => go('settings', null, 'people'))]
      : []),
    ...(mayAddPeople && workspace === 'operate'
      ? [
          entry('do:reviewer', 'Action', 'Enrol or revoke a reviewer', KeyRound, () =>
            go('settings', null, 'reviewers'),
          ),
        ]
      : []),
    entry('do:light', 'Action', 'Theme: light', Sun, () => preferences.getState().setTheme('light')),
    entry('do:dark', 'Action', 'Theme: dark', Moon, () => preferences.getState().setTheme('dark')),
    entry('do:system', 'Action', 'Theme: as the system', Monitor, () =>
      preferences.getState().setTheme('system'),
    ),
    ...(workspace === 'review'
      ? [
          entry('do:open-pack', 'Action', 'Open a review pack', FilePlus, () => go('packs', null, 'open')),
          entry('do:sign-policy', 'Action', 'Sign a policy', ScrollText, () =>
            go('policies', null, 'policy'),
          ),
          entry('do:sign-delegation', 'Action', 'Sign a delegation', ScrollText, () =>
            go('policies', null, 'delegation'),
          ),
          entry('do:sign-emergency', 'Action', 'Sign an emergency request', ScrollText, () =>
            go('policies', null, 'emergency'),
          ),
        ]
      : [entry('do:lock', 'Action', 'Lock and sign out', LogOut, () => void session.getState().signOut())]),
  ];
  const objects = [
    ...(collect.getState().needs.value ?? []).map((list) =>
      entry(`needs:${list.id}`, 'Needs-list', list.name, FilePlus, () => go('needs', list.id)),
    ),
    ...(statements.getState().list.value ?? []).map((item) =>
      entry(`signed:${item.sha256}`, STATEMENT_KINDS[item.kind], sayStatement(item), ScrollText, () =>
        go('policies', item.sha256, 'list'),
      ),
    ),
    ...(approvals.getState().approvals.value ?? []).map((approval) =>
      entry(
        `approval:${approval.id}`,
        APPROVAL_STATES[approval.status].word,
        `Approval: ${countOf(approval.packages, 'package')} on ${countOf(approval.endpoints, 'endpoint')}, asked by ${approval.requestedBy}`,
        FileSignature,
        () => go('approvals', approval.id),
      ),
    ),
    ...(runs.getState().list.value ?? []).map((run) =>
      entry(
        `run:${run.id}`,
        'Run',
        `Run of ${formatWhenInside(run.startedAt, now)}, ${countOf(run.endpoints, 'endpoint')}`,
        Play,
        () => go('runs', run.id),
      ),
    ),
    ...(endpoints.getState().list.value ?? []).map((endpoint) =>
      entry(`endpoint:${endpoint.id}`, endpoint.group, endpoint.name, Server, () =>
        go('endpoints', endpoint.id),
      ),
    ),
    ...(catalogue.getState().bundles.value ?? []).map((bundle) =>
      entry(`bundle:${bundle.id}`, 'Bundle', `Bundle ${bundle.stream} ${bundle.seq}`, Package, () =>
        go('catalogue', bundle.id, 'bundles'),
      ),
    ),
    ...(snapshots.getState().list.value ?? [])
      .filter((snapshot) => snapshot.deletedAt === null)
      .map((snapshot) =>
        entry(
          `snapshot:${snapshot.id}`,
          'Restore point',
          `${snapshot.endpointName}, ${formatWhenInside(snapshot.takenAt, now)}`,
          History,
          () => go('restore', snapshot.id),
        ),
      ),
  ];
  return [...screens, ...actions, ...objects];
}

/** Every word must occur; a title that begins with the text comes first, then one where a word begins with it. */
export function findEntries(entries: readonly PaletteEntry[], text: string): PaletteEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.slice(0, MOST);
  const ranked: { readonly entry: PaletteEntry; readonly rank: number }[] = [];
  for (const entry of entries) {
    const haystack = `${entry.title} ${entry.kind}`.toLowerCase();
    if (!words.every((word) => haystack.includes(word))) continue;
    const whole = words.join(' ');
    const rank = haystack.startsWith(whole) ? 0 : haystack.includes(` ${whole}`) ? 1 : 2;
    ranked.push({ entry, rank });
  }
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map(({ entry }) => entry);
}
