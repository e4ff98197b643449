import { ContractError, type CodedError } from '../../contract/errors.ts';
import { printable, shortId } from './format.ts';

/** Something that a person names on the command line. */
export interface Named {
  readonly id: string;
  /** Absent where it has only an id. */
  readonly name?: string;
}

const WHOLE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Fewer characters of an id would sooner hit a thing that was not meant. */
const SHORTEST_PREFIX = 4;

function isWholeId(text: string): boolean {
  return WHOLE_ID.test(text);
}

/**
 * The one thing that `text` names: its whole id, its name, its name in other letters of case, or the beginning of its id
 * (at least four characters). The first of these ways that finds anything decides, and must find exactly one.
 *
 * @param what the word for such a thing, for the message: `endpoint`
 * @throws CONTRACT_NOT_FOUND, or CONTRACT_INPUT_INVALID when it could be several
 */
export function pickOne<T extends Named>(things: readonly T[], text: string, what: string): T {
  const wanted = text.trim();
  const lower = wanted.toLowerCase();
  const ways: ((thing: T) => boolean)[] = [
    (thing) => thing.id === lower,
    (thing) => thing.name === wanted,
    (thing) => thing.name?.toLowerCase() === lower,
    (thing) => lower.length >= SHORTEST_PREFIX && thing.id.startsWith(lower),
  ];
  for (const way of ways) {
    const found = things.filter(way);
    const [first, second] = found;
    if (first !== undefined && second === undefined) return first;
    if (first !== undefined) {
      const whole = way === ways[3] ? 'Give more characters of the id.' : 'Name it by its id.';
      throw new ContractError(
        'CONTRACT_INPUT_INVALID',
        `"${wanted}" could be ${found.length} ${what}s: ${found.map(describe).join(', ')}.`,
        { hint: whole },
      );
    }
  }
  throw notFound(things, wanted, what);
}

function describe(thing: Named): string {
  return thing.name === undefined ? thing.id : `${printable(thing.name)} (${shortId(thing.id)})`;
}

function notFound(things: readonly Named[], wanted: string, what: string): CodedError {
  const names = things.map((thing) => thing.name ?? shortId(thing.id));
  const near = names.filter((name) => isNear(name.toLowerCase(), wanted.toLowerCase()));
  const hint =
    things.length === 0
      ? `There is no ${what} yet.`
      : near.length > 0
        ? `Did you mean ${near.slice(0, 3).map(printable).join(' or ')}?`
        : names.length <= 12
          ? `Known: ${names.map(printable).join(', ')}.`
          : `\`sallyport ${what} list\` shows all ${names.length}.`;
  return new ContractError('CONTRACT_NOT_FOUND', `There is no ${what} "${wanted}".`, { hint });
}

/** One contains the other, or they are at most two edits apart. */
function isNear(a: string, b: string): boolean {
  if (b.length >= 3 && (a.includes(b) || b.includes(a))) return true;
  return editDistance(a, b) <= (b.length > 4 ? 2 : 1);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/**
 * The id that `text` names. A whole id is taken as it is, without asking for the list.
 */
export async function pickId(
  text: string,
  what: string,
  list: () => Promise<readonly Named[]>,
): Promise<string> {
  const wanted = text.trim().toLowerCase();
  return isWholeId(wanted) ? wanted : pickOne(await list(), text, what).id;
}
