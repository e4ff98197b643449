import { explicitlyDecided, type DecidedRow } from './decision-file.ts';
import type { PackPatch, ReviewPack } from './review-pack.ts';
import { HASH_LABEL, PACK_LABEL, type SheetCell, type SheetColumn, type SheetGrid } from './sheet.ts';

/** What a person wrote into the list of a pack in a spreadsheet, and everything that is wrong with it, at once. */

/** Something that a person has to put right. `row` counts from 1, as a spreadsheet program does. */
export interface SheetProblem {
  readonly row: number;
  readonly column: string;
  readonly problem: string;
  readonly fix: string;
}

export interface SheetHead {
  readonly packId: string;
  readonly packSha256: string;
  /** Index of the row with the names of the columns. */
  readonly titles: number;
}

const VERDICTS = ['approve', 'reject', 'defer', 'ask'] as const;
const LIMITS = { text: 2_000, problems: 1_000 } as const;

const textOf = (cell: SheetCell): string =>
  cell === null || cell === undefined
    ? ''
    : String(cell)
        .replace(/^'(?=[=+\-@\t])/, '')
        .trim();

/** Which pack a table is about, or what is missing of it. */
export function readSheetHead(grid: SheetGrid): SheetHead | SheetProblem {
  const find = (label: string): string | undefined => {
    const row = grid.slice(0, 100).find((cells) => textOf(cells[0]) === label);
    return row === undefined ? undefined : textOf(row[1]);
  };
  const packId = find(PACK_LABEL);
  const packSha256 = find(HASH_LABEL);
  const titles = grid.findIndex((cells) => cells.some((cell) => textOf(cell) === 'Patch'));
  const missing =
    packId === undefined || packId === ''
      ? PACK_LABEL
      : packSha256 === undefined || !/^[0-9a-f]{64}$/.test(packSha256)
        ? HASH_LABEL
        : null;
  if (missing !== null) {
    return {
      ...{ row: 1, column: 'A', problem: `The line "${missing}" at the top is missing or changed.` },
      fix: 'Fill in the file that the site exported, and leave the lines above the table as they are.',
    };
  }
  if (titles < 0) {
    return {
      ...{ row: 1, column: 'Patch', problem: 'There is no row with the names of the columns.' },
      fix: 'Leave the row that begins with Decision as it is.',
    };
  }
  return { packId: packId ?? '', packSha256: packSha256 ?? '', titles };
}

/**
 * What the rows say, and everything that is wrong with them at once.
 *
 * @param now ISO 8601: a deferral has to end later
 */
export function readSheetRows(
  grid: SheetGrid,
  titles: number,
  pack: ReviewPack,
  now: string,
): { readonly rows: DecidedRow[]; readonly problems: SheetProblem[] } {
  const problems: SheetProblem[] = [];
  const rows: DecidedRow[] = [];
  const places = new Map<string, number>();
  for (const [index, cell] of (grid[titles] ?? []).entries()) {
    const name = textOf(cell);
    if (places.has(name) && name !== '') {
      problems.push({
        ...{ row: titles + 1, column: name, problem: `There are two columns called ${name}.` },
        fix: 'Remove the one that you added.',
      });
    }
    if (!places.has(name)) places.set(name, index);
  }
  for (const name of ['Decision', 'Reason', 'Until', 'Control', 'Package'] as const) {
    if (places.has(name)) continue;
    problems.push({
      ...{ row: titles + 1, column: name, problem: `The column ${name} is missing.` },
      fix: 'Use the file that the site exported, with all of its columns.',
    });
  }
  if (problems.length > 0) return { rows: [], problems };
  const patches = new Map(pack.patches.map((patch) => [patch.sha256, patch]));
  const isAwaited = explicitlyDecided(pack);
  const seen = new Map<string, number>();
  for (const [index, cells] of grid.entries()) {
    if (index <= titles || cells.every((cell) => textOf(cell) === '')) continue;
    const row = index + 1;
    const of = (column: SheetColumn): string => textOf(cells[places.get(column) ?? -1]);
    const complain = (column: SheetColumn, problem: string, fix: string): void => {
      problems.push({ row, column, problem, fix });
    };
    const hash = of('Patch').toLowerCase();
    const patch = patches.get(hash);
    const earlier = seen.get(hash);
    if (patch === undefined) {
      complain(
        'Patch',
        hash === ''
          ? 'The row does not say which patch it is about.'
          : `There is no patch ${hash.slice(0, 16)}… in this pack.`,
        'Do not change this column, and add no rows. Copy it from the file that the site exported.',
      );
      continue;
    }
    if (earlier !== undefined) {
      complain('Patch', `${patch.package} stands in row ${earlier} as well.`, 'Remove one of the two rows.');
      continue;
    }
    seen.set(hash, row);
    if (of('Package') !== patch.package) {
      complain(
        'Package',
        `The row says ${of('Package') || 'nothing'}, but its hash is that of ${patch.package} ${patch.version}.`,
        'The columns were sorted apart. Sort whole rows, or begin again with the file that the site exported.',
      );
      continue;
    }
    const decided = readDecision(patch, isAwaited(patch), of, now, complain);
    if (decided !== null) rows.push(decided);
  }
  for (const patch of pack.patches) {
    if (seen.has(patch.sha256) || !isAwaited(patch)) continue;
    problems.push({
      ...{
        row: titles + 1,
        column: 'Patch',
        problem: `The row of ${patch.package} ${patch.version} is missing.`,
      },
      fix: 'Put it back: it needs a decision.',
    });
  }
  if (rows.length === 0 && problems.length === 0) {
    problems.push({
      ...{
        row: titles + 1,
        column: 'Decision',
        problem: 'No row is filled in, so there is nothing to take in.',
      },
      fix: 'What the policies say of silence holds without a sheet. To say anything else, fill in one row at least.',
    });
  }
  return { rows: problems.length > 0 ? [] : rows, problems: problems.slice(0, LIMITS.problems) };
}

function readDecision(
  patch: PackPatch,
  isAwaited: boolean,
  of: (column: SheetColumn) => string,
  now: string,
  complain: (column: SheetColumn, problem: string, fix: string) => void,
): DecidedRow | null {
  const word = of('Decision').toLowerCase();
  // What a policy has settled needs no word, nor does what silence decides; but a reason without a verdict is a slip.
  const isBlank = (['Reason', 'Until', 'Control'] as const).every((column) => of(column) === '');
  if (word === '' && !isAwaited && isBlank) return null;
  const verdict = VERDICTS.find((item) => item === word);
  if (verdict === undefined) {
    complain(
      'Decision',
      word === '' ? `${patch.package} is not decided.` : `"${of('Decision').slice(0, 40)}" is no decision.`,
      'Write approve, reject, defer or ask.',
    );
    return null;
  }
  const reason = of('Reason');
  const control = of('Control');
  for (const [column, text] of [
    ['Reason', reason],
    ['Control', control],
  ] as const) {
    if (text.length > LIMITS.text) {
      complain(column, `It has ${text.length} characters.`, `Write at most ${LIMITS.text}.`);
    }
  }
  if (verdict !== 'approve' && reason === '') {
    complain(
      'Reason',
      verdict === 'ask' ? 'There is no question.' : `${verdict} needs a reason.`,
      verdict === 'ask' ? 'Write the question into this column.' : 'Write why.',
    );
  }
  const until = readDay(of('Until'));
  if (verdict === 'defer') {
    if (isAmbiguous(of('Until'))) {
      complain(
        'Until',
        `${of('Until')} can be read as two days.`,
        'Write the month as a word, like 3 December 2026.',
      );
    } else if (until === null) {
      complain(
        'Until',
        of('Until') === '' ? 'It does not say until when.' : `"${of('Until').slice(0, 40)}" is no day.`,
        'Write a day, like 24 December 2026 or 2026-12-24.',
      );
    } else if (Date.parse(until) <= Date.parse(now)) {
      complain('Until', `${of('Until')} has passed.`, 'Write a later day.');
    }
    if (control === '') {
      complain('Control', 'defer needs a compensating control.', 'Write what protects meanwhile.');
    }
  } else if (of('Until') !== '') {
    complain('Until', `A day is given, but the decision is ${verdict}.`, 'Remove it, or write defer.');
  }
  return { patch: patch.sha256, verdict, reason, control, until };
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A day as people and spreadsheet programs write it. 24/12/2026 can only be one day; 3/12/2026 can be two. */
function readDay(text: string): string | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:T00:00:00(?:\.000)?Z)?$/.exec(text);
  if (iso !== null) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const words = /^(\d{1,2})[ -]([A-Za-z]{3,9})\.?[ -](\d{4}|\d{2})$/.exec(text);
  if (words !== null) {
    const month = MONTHS.indexOf((words[2] ?? '').slice(0, 3).toLowerCase()) + 1;
    const year = Number(words[3]);
    return day(year < 100 ? 2_000 + year : year, month, Number(words[1]));
  }
  const slashes = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text);
  if (slashes === null) return null;
  const [first, second, year] = [Number(slashes[1]), Number(slashes[2]), Number(slashes[3])];
  if (isAmbiguous(text)) return null;
  return first > 12 ? day(year, second, first) : day(year, first, second);
}

function isAmbiguous(text: string): boolean {
  const [, first = '', second = ''] = /^(\d{1,2})[/.](\d{1,2})[/.]\d{4}$/.exec(text) ?? [];
  return first !== '' && Number(first) <= 12 && Number(second) <= 12 && Number(first) !== Number(second);
}

function day(year: number, month: number, date: number): string | null {
  const text = `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}T00:00:00.000Z`;
  const at = Date.parse(text);
  // 31 February is no day, and some readers would take it for one in March.
  return Number.isNaN(at) || new Date(at).toISOString() !== text ? null : text;
}
