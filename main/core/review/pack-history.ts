import type { PackPatch, ReviewPack } from './review-pack.ts';
import type { DecidedRow } from './decision-file.ts';

/** Whose word counts for an endpoint, and which release its packages are of. */
export interface ListedEndpoint {
  readonly group: string;
  /** Distribution and codename: packages of one name in two releases are two packages. */
  readonly release: string;
}

type ListedRow = Pick<PackPatch, 'sha256' | 'package' | 'arch' | 'version' | 'endpoints'>;

/** A list of the same customer that was answered, by words or by what came of it. */
export interface DecidedList {
  readonly packId: string;
  readonly createdAt: string;
  /** By id. */
  readonly endpoints: ReadonlyMap<string, ListedEndpoint>;
  readonly patches: readonly (ListedRow & Pick<PackPatch, 'releasedAt' | 'dueAt' | 'standing'>)[];
  /** What persons said, signed by themselves or countersigned at the site. */
  readonly words: readonly { readonly at: string; readonly rows: readonly DecidedRow[] }[];
  /** What was granted of it in the end. */
  readonly grants: readonly {
    readonly at: string;
    readonly covers: (endpointId: string, sha256: string) => boolean;
  }[];
}

type Previous = NonNullable<PackPatch['previous']>;

export interface RowHistory {
  readonly change: PackPatch['change'];
  readonly previous: PackPatch['previous'];
  readonly deferral: PackPatch['deferral'];
  /** When the vendor first released what is deferred ever since, and the end of its 14 days: a deferral stops neither. */
  readonly clockFrom: string | null;
  readonly dueAt: string | null;
}

/** By package and architecture, then as `keysOf` has it. */
type Streaks = Map<string, Map<string, Streak>>;

interface Streak {
  readonly times: number;
  readonly since: string;
  /** What was said last. */
  readonly last: { readonly at: string; readonly until: string; readonly control: string };
  readonly clockFrom: string | null;
  readonly dueAt: string | null;
}

/** One word against a patch outweighs any number for it. */
const GRAVITY = ['approve', 'ask', 'defer', 'reject'] as const;
/** Of a row that stands on endpoints of several groups, the most that anybody has to look at anew. */
const NOVELTY = ['again', 'newer', 'new'] as const;

/**
 * What was said before of the packages of a new list, and how it differs from the lists that its groups last approved, in whole or in
 * part. Words and approvals are kept apart by group, release, package and architecture; of a row that several groups share, the gravest
 * is told, of a no or a question about the same version before all else; these two are told until a person says otherwise. A deferral is told for as long as the installed version is the one that it was deferred at, whatever else was said since, by
 * whom, and in whichever group the endpoint is now: nothing but another version on the endpoint ends it.
 *
 * @param endpoints of the new list
 * @param lists oldest first
 */
export function historyOf(
  rows: readonly ListedRow[],
  endpoints: ReadonlyMap<string, ListedEndpoint>,
  lists: readonly DecidedList[],
): { readonly of: (row: ListedRow) => RowHistory; readonly diff: ReviewPack['diff'] } {
  const said = new Map<string, Previous>();
  const streaks: Streaks = new Map();
  /** By group. */
  const approved = new Map<string, DecidedList>();
  for (const list of lists) {
    for (const [place, previous] of saidIn(list, approved)) {
      // Silence and standing approvals take no word back.
      if (previous.by !== 'word' && isAgainst(said.get(place), previous.version)) continue;
      said.set(place, previous);
    }
    addDeferrals(list, streaks);
  }
  const filesOfLists = new Map([...new Set(approved.values())].map((list) => [list, filesOf(list)]));
  const filesOfGroup = (group: string): Files | undefined => {
    const list = approved.get(group);
    return list === undefined ? undefined : filesOfLists.get(list);
  };
  const places = new Map(rows.map((row) => [row, placesOf(row, endpoints)]));
  const changeOf = (row: ListedRow, here: readonly Place[]): PackPatch['change'] =>
    gravest(
      NOVELTY,
      here.map(({ key, group }) => {
        const files = filesOfGroup(group)?.get(key);
        return files === undefined ? 'new' : files.has(row.sha256) ? 'again' : 'newer';
      }),
    ) ?? 'new';
  const counts = { new: 0, newer: 0, again: 0 };
  const present = new Set<string>();
  for (const [row, here] of places) {
    counts[changeOf(row, here)] += 1;
    for (const { key } of here) present.add(key);
  }
  return {
    of: (row) => {
      const here = places.get(row) ?? placesOf(row, endpoints);
      const words = here.flatMap(({ key }) => said.get(key) ?? []);
      const against = words.filter((word) => isAgainst(word, row.version));
      const deferred = streaks.get(nameOf(row));
      const streak =
        deferred === undefined
          ? null
          : foldStreaks([...keysOf(row, endpoints)].flatMap((key) => deferred.get(key) ?? []));
      return {
        change: changeOf(row, here),
        previous: gravestOf(against) ?? gravestOf(words),
        deferral:
          streak === null
            ? null
            : {
                ...{ times: streak.times, since: streak.since },
                ...{ until: streak.last.until, control: streak.last.control },
              },
        clockFrom: streak?.clockFrom ?? null,
        dueAt: streak?.dueAt ?? null,
      };
    },
    diff: diffOf(endpoints, { approved, filesOfGroup }, counts, present),
  };
}

/** What was said of each place of a list, or came of it without a word; and which groups approved any of it. */
function saidIn(list: DecidedList, approved: Map<string, DecidedList>): Map<string, Previous> {
  const words = new Map<string, Previous>();
  for (const { at, rows } of list.words) {
    for (const { patch, verdict, reason } of rows) {
      const word = { version: '', verdict, at, reason, by: 'word' } as const;
      const known = words.get(patch);
      words.set(patch, known === undefined || graver(known, word) === word ? word : known);
    }
  }
  const found = new Map<string, Previous>();
  for (const patch of list.patches) {
    const { sha256, version } = patch;
    for (const place of placesOf(patch, list.endpoints)) {
      const word = words.get(sha256) ?? grantedIn(list, patch, place);
      if (word === null) continue;
      if (word.verdict === 'approve') approved.set(place.group, list);
      const previous = { ...word, version };
      const known = found.get(place.key);
      found.set(place.key, known === undefined ? previous : graver(known, previous));
    }
  }
  return found;
}

/** A no or a question about this very version. */
const isAgainst = (word: Previous | undefined, version: string): boolean =>
  word?.version === version && (word.verdict === 'reject' || word.verdict === 'ask');

/** What a grant says of a patch that nobody said a word about; `null`: nothing was granted. */
function grantedIn(
  { grants, endpoints }: DecidedList,
  { sha256, standing, endpoints: on }: DecidedList['patches'][number],
  { group, release }: Place,
): Previous | null {
  const isHere = (id: string): boolean => {
    const endpoint = endpoints.get(id) ?? NOWHERE;
    return endpoint.group === group && endpoint.release === release;
  };
  const grant = grants.find(({ covers }) => on.some(({ id }) => isHere(id) && covers(id, sha256)));
  if (grant === undefined) return null;
  const by = standing === 'approved' ? 'standing' : 'silence';
  return { version: '', verdict: 'approve', at: grant.at, reason: '', by };
}

/** Counts each list once for whatever it deferred. */
function addDeferrals(list: DecidedList, streaks: Streaks): void {
  const deferred = new Map<string, Streak>();
  for (const { at, rows } of list.words) {
    for (const { patch, verdict, until, control } of rows) {
      if (verdict !== 'defer' || until === null) continue;
      const word = { times: 1, since: at, last: { at, until, control }, clockFrom: null, dueAt: null };
      const known = deferred.get(patch);
      deferred.set(patch, known === undefined ? word : { ...joined(known, word), times: 1 });
    }
  }
  for (const patch of list.patches) {
    const word = deferred.get(patch.sha256);
    if (word === undefined) continue;
    const streak = { ...word, clockFrom: patch.releasedAt, dueAt: patch.dueAt };
    const here = streaks.get(nameOf(patch)) ?? new Map<string, Streak>();
    streaks.set(nameOf(patch), here);
    for (const key of keysOf(patch, list.endpoints)) {
      const known = here.get(key);
      here.set(key, known === undefined ? streak : { ...joined(known, streak), times: known.times + 1 });
    }
  }
}

/** Under which names a deferral is kept: of the endpoint, and of its group for endpoints that joined later; each with what is installed. */
function keysOf(row: ListedRow, endpoints: ReadonlyMap<string, ListedEndpoint>): Set<string> {
  const keys = new Set<string>();
  for (const { id, from } of row.endpoints) {
    const endpoint = endpoints.get(id);
    const installed = from ?? '';
    keys.add(`endpoint\n${id}\n${installed}`);
    if (endpoint !== undefined) keys.add(`group\n${endpoint.group}\n${endpoint.release}\n${installed}`);
  }
  return keys;
}

function foldStreaks(streaks: readonly Streak[]): Streak | null {
  return streaks.reduce<Streak | null>((a, b) => (a === null ? b : joined(a, b)), null);
}

/** The oldest beginning, the oldest clock and the most renewals of either, with what was said last. */
function joined(a: Streak, b: Streak): Streak {
  const orderOf = ({ last }: Streak): string => `${last.at}\n${last.until}\n${last.control}`;
  return {
    times: Math.max(a.times, b.times),
    since: a.since < b.since ? a.since : b.since,
    last: orderOf(a) < orderOf(b) ? b.last : a.last,
    clockFrom: earlier(a.clockFrom, b.clockFrom),
    dueAt: earlier(a.dueAt, b.dueAt),
  };
}

interface Place {
  /** Its package in one group and release. */
  readonly key: string;
  readonly group: string;
  readonly release: string;
}

const NOWHERE: ListedEndpoint = { group: '', release: '' };

/** Where a row stands. An endpoint that the list does not know is in no group. */
function placesOf(row: ListedRow, endpoints: ReadonlyMap<string, ListedEndpoint>): readonly Place[] {
  // A row has up to 100,000 endpoints in a handful of groups: keys are made of the latter only.
  const scopes = new Set<ListedEndpoint>();
  for (const { id } of row.endpoints) scopes.add(endpoints.get(id) ?? NOWHERE);
  const places = new Map<string, Place>();
  for (const { group, release } of scopes) {
    const key = `${group}\n${release}\n${nameOf(row)}`;
    places.set(key, { key, group, release });
  }
  return [...places.values()];
}

const nameOf = (row: ListedRow): string => `${row.package}:${row.arch}`;

/** Versions by SHA-256, by place. */
type Files = ReadonlyMap<string, ReadonlyMap<string, string>>;

function filesOf(list: DecidedList): Files {
  const files = new Map<string, Map<string, string>>();
  for (const patch of list.patches) {
    for (const { key } of placesOf(patch, list.endpoints)) {
      const here = files.get(key) ?? new Map<string, string>();
      files.set(key, here.set(patch.sha256, patch.version));
    }
  }
  return files;
}

/** Beside what each group of the new list last approved. Named is the oldest of those lists: all that is counted has changed since. */
function diffOf(
  endpoints: ReadonlyMap<string, ListedEndpoint>,
  {
    approved,
    filesOfGroup,
  }: {
    readonly approved: ReadonlyMap<string, DecidedList>;
    readonly filesOfGroup: (group: string) => Files | undefined;
  },
  counts: Pick<NonNullable<ReviewPack['diff']>, 'new' | 'newer' | 'again'>,
  present: ReadonlySet<string>,
): ReviewPack['diff'] {
  const groups = [...new Set([...endpoints.values()].map(({ group }) => group))].toSorted();
  const lists = groups.flatMap((group) => approved.get(group) ?? []);
  const [oldest] = lists.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  if (oldest === undefined) return null;
  const covered = new Set([...endpoints.values()].map(({ group, release }) => `${group}\n${release}`));
  const gone = new Map<string, { package: string; version: string }>();
  for (const of of groups) {
    for (const [place, versions] of filesOfGroup(of) ?? []) {
      const [group = '', release = '', name = ''] = place.split('\n');
      if (group !== of || present.has(place) || !covered.has(`${group}\n${release}`)) continue;
      for (const version of versions.values()) {
        const item = { package: name.slice(0, name.lastIndexOf(':')), version };
        gone.set(`${item.package}\n${version}`, item);
      }
    }
  }
  return {
    ...{ sincePackId: oldest.packId, sinceAt: oldest.createdAt, ...counts },
    gone: [...gone.values()],
  };
}

/** The graver of two words, the later of two that are as grave. */
function graver<T extends Pick<Previous, 'verdict' | 'at'>>(a: T, b: T): T {
  const more = GRAVITY.indexOf(a.verdict) - GRAVITY.indexOf(b.verdict);
  return more > 0 || (more === 0 && a.at > b.at) ? a : b;
}

function gravestOf(words: readonly Previous[]): Previous | null {
  return words.reduce<Previous | null>((a, b) => (a === null ? b : graver(a, b)), null);
}

function gravest<T>(order: readonly T[], items: readonly T[]): T | undefined {
  return order.findLast((item) => items.includes(item));
}

const earlier = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null ? a : a < b ? a : b;
