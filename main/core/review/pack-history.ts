import type { PackPatch, ReviewPack } from './review-pack.ts';
import type { DecidedRow } from './decision-file.ts';

/** A list that was decided, with how each of its patches stands by all who answered. */
export interface DecidedList {
  readonly packId: string;
  readonly createdAt: string;
  readonly patches: readonly Pick<PackPatch, 'sha256' | 'package' | 'arch' | 'version' | 'releasedAt'>[];
  /** By SHA-256; a patch that is not in it was left to silence. */
  readonly verdicts: ReadonlyMap<
    string,
    Pick<DecidedRow, 'verdict' | 'reason' | 'until' | 'control'> & { readonly at: string }
  >;
}

type Row = Pick<PackPatch, 'sha256' | 'package' | 'arch' | 'version'>;

export interface RowHistory {
  readonly change: PackPatch['change'];
  readonly previous: PackPatch['previous'];
  readonly deferral: PackPatch['deferral'];
  /** When the vendor first released what is deferred ever since: the clock that a deferral does not stop. */
  readonly clockFrom: string | null;
}

interface Streak {
  readonly times: number;
  readonly since: string;
  readonly until: string;
  readonly control: string;
  readonly clockFrom: string | null;
}

const keyOf = ({ package: name, arch }: Pick<Row, 'package' | 'arch'>): string => `${name}:${arch}`;
const earlier = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null ? a : a < b ? a : b;

/**
 * What was said before of the packages of a new list, and how it differs from the list that was last approved, in whole or in part.
 *
 * @param lists of the same customer, oldest first
 */
export function historyOf(
  rows: readonly Row[],
  lists: readonly DecidedList[],
): { readonly of: (row: Row) => RowHistory; readonly diff: ReviewPack['diff'] } {
  const previous = new Map<string, NonNullable<PackPatch['previous']>>();
  const streaks = new Map<string, Streak>();
  for (const list of lists) {
    for (const patch of list.patches) {
      const said = list.verdicts.get(patch.sha256);
      if (said === undefined) continue;
      const key = keyOf(patch);
      const { verdict, at, reason } = said;
      previous.set(key, { version: patch.version, verdict, at, reason });
      if (verdict === 'ask') continue;
      if (verdict !== 'defer' || said.until === null) {
        streaks.delete(key);
        continue;
      }
      const streak = streaks.get(key);
      streaks.set(key, {
        times: (streak?.times ?? 0) + 1,
        since: streak?.since ?? at,
        ...{ until: said.until, control: said.control },
        clockFrom: earlier(streak?.clockFrom ?? null, patch.releasedAt),
      });
    }
  }
  const last = lists.findLast((list) =>
    [...list.verdicts.values()].some((item) => item.verdict === 'approve'),
  );
  const before = new Map(last?.patches.map((patch) => [keyOf(patch), patch]) ?? []);
  const changeOf = (row: Row): PackPatch['change'] => {
    const known = before.get(keyOf(row));
    return known === undefined ? 'new' : known.sha256 === row.sha256 ? 'again' : 'newer';
  };
  const counts = { new: 0, newer: 0, again: 0 };
  const present = new Set<string>();
  for (const row of rows) {
    counts[changeOf(row)] += 1;
    present.add(keyOf(row));
  }
  return {
    of: (row) => {
      const streak = streaks.get(keyOf(row));
      return {
        change: changeOf(row),
        previous: previous.get(keyOf(row)) ?? null,
        deferral:
          streak === undefined
            ? null
            : { times: streak.times, since: streak.since, until: streak.until, control: streak.control },
        clockFrom: streak?.clockFrom ?? null,
      };
    },
    diff:
      last === undefined
        ? null
        : {
            ...{ sincePackId: last.packId, sinceAt: last.createdAt, ...counts },
            gone: last.patches
              .filter((patch) => !present.has(keyOf(patch)))
              .map(({ package: name, version }) => ({ package: name, version })),
          },
  };
}
