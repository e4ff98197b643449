import { compareWindowsBuilds, parseWindowsBuild } from '../version/windows.ts';
import { findReplaced, readSupersedence, type Supersedence } from './supersedence.ts';
import type { WindowsArchitecture, WindowsUpdate } from './update-list.ts';

/** What of a Windows machine decides which updates it needs. */
export interface WindowsEndpoint {
  /** `CurrentBuild.UBR` with the version before it: `10.0.19045.3803`. */
  readonly build: string;
  readonly arch: WindowsArchitecture;
  /** Products as the scan file names them: `Windows Server 2019`. */
  readonly products: readonly string[];
  /** `KB5034122` */
  readonly installedKbs: ReadonlySet<string>;
}

/** What an update needs to be judged. */
export type JudgedUpdate = Pick<
  WindowsUpdate,
  'id' | 'kb' | 'arch' | 'products' | 'fixedBuilds' | 'createdAt' | 'supersededBy' | 'prerequisites'
>;

export interface NeededUpdate {
  readonly id: string;
  /** Updates that must come first, in their order; all of them are needed too. */
  readonly after: readonly string[];
}

export interface WindowsAssessment {
  readonly needed: readonly NeededUpdate[];
  /** Would be needed, but a prerequisite is neither installed nor to be had. */
  readonly blocked: readonly { readonly id: string; readonly without: readonly string[] }[];
  readonly supersedence: Pick<Supersedence, 'circles' | 'unknown'>;
}

/**
 * Which updates a machine needs: those for its product and architecture whose fixed build is higher than the machine's
 * own of the same branch (where no build is known: whose article is not installed), and which no other that could be
 * installed, or is, replaces. Windows Update decides so too: an update is offered when its applicability rules hold and no
 * applicable update supersedes it ([MS-WUSP] 3.2.4; "Update supersedence", learn.microsoft.com). Its rules themselves are
 * programs of their own and are not run here: the endpoint's own Windows Update has the last word.
 */
export function assessWindows(
  endpoint: WindowsEndpoint,
  updates: readonly JudgedUpdate[],
): WindowsAssessment {
  const byId = new Map(updates.map((update) => [update.id, update]));
  const state = new Map(updates.map((update) => [update.id, judge(endpoint, update)]));
  const supersedence = readSupersedence(updates);
  const isInstalled = (id: string): boolean => state.get(id) === 'installed';
  const replacedByInstalled = findReplaced(supersedence, isInstalled);
  const isMet = (id: string): boolean => isInstalled(id) || replacedByInstalled.has(id);
  const obtainable = findObtainable(updates, state, isMet);
  const replaced = findReplaced(supersedence, (id) => isInstalled(id) || obtainable.has(id));

  const successorOf = (id: string): string =>
    findSuccessor(id, supersedence, (other) => obtainable.has(other) && !replaced.has(other));
  const needed: NeededUpdate[] = [];
  const blocked: { id: string; without: readonly string[] }[] = [];
  for (const update of updates) {
    const { id } = update;
    if (state.get(id) !== 'wanted' || replaced.has(id)) continue;
    if (obtainable.has(id)) {
      needed.push({ id, after: prerequisitesOf(id, byId, obtainable, isMet, successorOf) });
    } else {
      const without = update.prerequisites.filter(
        (group) => !group.some((other) => isMet(other) || obtainable.has(other)),
      );
      blocked.push({ id, without: [...new Set(without.flat())].sort() });
    }
  }
  return {
    needed,
    blocked,
    supersedence: { circles: supersedence.circles, unknown: supersedence.unknown },
  };
}

type State = 'not for it' | 'installed' | 'wanted';

function judge(endpoint: WindowsEndpoint, update: JudgedUpdate): State {
  if (update.arch !== 'all' && update.arch !== endpoint.arch) return 'not for it';
  if (!update.products.some((product) => endpoint.products.includes(product))) return 'not for it';
  if (update.kb !== null && endpoint.installedKbs.has(update.kb)) return 'installed';
  const builds = update.fixedBuilds.filter((build) => parseWindowsBuild(build) !== null);
  if (builds.length === 0) return update.kb === null ? 'not for it' : 'wanted';
  const orders = builds.map((build) => compareWindowsBuilds(endpoint.build, build));
  if (orders.some((order) => order !== null && order >= 0)) return 'installed';
  return orders.includes(-1) ? 'wanted' : 'not for it';
}

/** Wanted updates all of whose prerequisites are met, or are obtainable in an earlier round; by id, the round. */
function findObtainable(
  updates: readonly JudgedUpdate[],
  state: ReadonlyMap<string, State>,
  isMet: (id: string) => boolean,
): ReadonlyMap<string, number> {
  const rounds = new Map<string, number>();
  let open = updates.filter((update) => state.get(update.id) === 'wanted');
  for (let round = 0; ; round += 1) {
    const ready = open.filter((update) =>
      update.prerequisites.every((group) => group.some((id) => isMet(id) || rounds.has(id))),
    );
    if (ready.length === 0) return rounds;
    for (const update of ready) rounds.set(update.id, round);
    open = open.filter((update) => !rounds.has(update.id));
  }
}

/**
 * What must be installed before an update, in the order of installing. Of a group the one that needs the fewest others
 * is taken, or what replaces it: Windows holds a prerequisite for met when its successor is installed.
 */
function prerequisitesOf(
  root: string,
  byId: ReadonlyMap<string, JudgedUpdate>,
  rounds: ReadonlyMap<string, number>,
  isMet: (id: string) => boolean,
  successorOf: (id: string) => string,
): string[] {
  const order = new Set<string>();
  const path: { readonly id: string; readonly isAfter: boolean }[] = [{ id: root, isAfter: false }];
  const begun = new Set<string>();
  for (let step = path.pop(); step !== undefined; step = path.pop()) {
    if (step.isAfter) {
      order.add(successorOf(step.id));
      continue;
    }
    if (begun.has(step.id)) continue;
    begun.add(step.id);
    if (step.id !== root) path.push({ id: step.id, isAfter: true });
    for (const group of byId.get(step.id)?.prerequisites ?? []) {
      if (group.some(isMet)) continue;
      const choices = group.filter((id) => rounds.has(id));
      const [choice] = choices.toSorted((a, b) => (rounds.get(a) ?? 0) - (rounds.get(b) ?? 0));
      if (choice !== undefined) path.push({ id: choice, isAfter: false });
    }
  }
  order.delete(root);
  return [...order];
}

/** The update at the end of what replaces one, that is itself obtainable and not replaced. */
function findSuccessor(id: string, { replacedBy }: Supersedence, isLast: (id: string) => boolean): string {
  const open = [id];
  const seen = new Set(open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isLast(next)) return next;
    for (const to of replacedBy.get(next) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return id;
}
