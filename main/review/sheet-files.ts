import { parse } from 'csv-parse/sync';
import { zipSync } from 'fflate';
import { stringify } from 'csv-stringify/sync';
import { readSheet } from 'read-excel-file/node';
import writeXlsxFile from 'write-excel-file/node';
import { ReviewError, type ErrorCode } from '../../contract/errors.ts';
import { markingText } from '../../contract/marking.ts';
import { SHEET_COLUMNS, type SheetCell, type SheetGrid } from '../core/review/sheet.ts';
import { requireBoundedXml } from './sheet-xml.ts';
import { isZip, readZip, type ZipLimits } from './zip-reader.ts';

/** Spreadsheets as files. What comes from outside is bounded before a library reads it. */

export const MAX_SHEET_BYTES = 16 * 1024 * 1024;
const SHEET_ZIP: ZipLimits = {
  file: MAX_SHEET_BYTES,
  entries: 100,
  entry: 128 * 1024 * 1024,
  total: 192 * 1024 * 1024,
  ratio: 200,
};
const MAX_ROWS = 200_100;
const MAX_COLUMNS = 100;
/** Of a cell, in characters: what spreadsheet programs hold. */
const MAX_CELL = 32_767;
/** A row's hash and what a person fills in must stay whole; the rest only helps to read. */
const WIDE: Readonly<Partial<Record<string, number>>> = {
  Reason: 36,
  Control: 30,
  CVEs: 28,
  Package: 26,
  Patch: 66,
};

/** UTF-8 with the mark that tells Excel so, lines as RFC 4180 has them. */
export function formatCsv(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { bom: true, record_delimiter: 'windows', quoted_string: true },
  );
}

/** @param marking stands at the top and the foot of every printed page */
export async function formatXlsx(
  rows: readonly (readonly string[])[],
  name: string,
  marking = '',
): Promise<Buffer> {
  const titles = rows.findIndex((row) => row[0] === SHEET_COLUMNS[0]);
  const data = rows.map((row, index) =>
    row.map((value, column) => ({
      ...{ value, type: String, format: '@' },
      ...(index === titles || (index < titles && column === 0) ? { fontWeight: 'bold' as const } : {}),
      ...(index > titles && column < 4 ? { backgroundColor: '#FFF9E5' } : {}),
    })),
  );
  const columns = SHEET_COLUMNS.map((column) => ({ width: WIDE[column] ?? 14 }));
  const features = [
    { files: { transform: { 'xl/worksheets/sheet{id}.xml': { insert: () => printMarks(marking) } } } },
  ];
  const sheet = { sheet: name, columns, stickyRowsCount: titles + 1, orientation: 'landscape' as const };
  return writeXlsxFile(data, sheet, { features }).toBuffer();
}

/** `&` begins a code in it, and a part has 255 characters at most. */
function printMarks(marking: string): string {
  const text = markingText(marking)
    .slice(0, 100)
    .replaceAll('&', '&&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return `<headerFooter><oddHeader>&amp;C${text}</oddHeader><oddFooter>&amp;C${text}&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>`;
}

/**
 * The cells of a CSV or XLSX file: of the first sheet, as text, numbers and days.
 *
 * @throws ReviewError REVIEW_SHEET_UNREADABLE, REVIEW_SHEET_ENCODING, REVIEW_SHEET_TOO_LARGE, REVIEW_SHEET_UNSAFE, REVIEW_ZIP_*
 */
export async function readSheetFile(bytes: Buffer, file: string): Promise<SheetGrid> {
  if (bytes.length > MAX_SHEET_BYTES) {
    throw refuse(
      file,
      'REVIEW_SHEET_TOO_LARGE',
      'is larger than any list of patches',
      'Do not use this file.',
    );
  }
  const grid = isZip(bytes) ? await readXlsx(bytes, file) : readCsv(bytes, file);
  if (grid.length > MAX_ROWS || grid.some((row) => row.length > MAX_COLUMNS || row.some(isTooLong))) {
    throw refuse(
      file,
      'REVIEW_SHEET_TOO_LARGE',
      'has more rows or columns, or longer texts, than any list',
      'Do not use this file.',
    );
  }
  return grid;
}

async function readXlsx(bytes: Buffer, file: string): Promise<SheetGrid> {
  const read: Record<string, Uint8Array> = {};
  for (const entry of readZip(bytes, file, SHEET_ZIP)) {
    if (entry.name.endsWith('/')) continue;
    const content = entry.read();
    // What Excel keeps of a printer is no program, and is not read.
    if (/vbaProject|\.bin$/i.test(entry.name) && !/^xl\/printerSettings\/[^/]+\.bin$/i.test(entry.name)) {
      throw refuse(
        file,
        'REVIEW_SHEET_UNSAFE',
        'holds a program (macros)',
        'Save it as .xlsx without macros.',
      );
    }
    // The library reads nothing else, and gets nothing else.
    if (!/\.(xml|rels)$/i.test(entry.name)) continue;
    await requireBoundedXml(content, file, entry.name, { rows: MAX_ROWS, columns: MAX_COLUMNS });
    read[entry.name] = content;
  }
  let data: readonly (readonly unknown[])[];
  try {
    // What was judged and nothing else: the library walks through the bytes, where more may lie than the list of entries names.
    data = await readSheet(Buffer.from(zipSync(read, { level: 0 })));
  } catch (error) {
    throw refuse(file, 'REVIEW_SHEET_UNREADABLE', 'is no spreadsheet that can be read', SAVE_AGAIN, error);
  }
  return data.map((row) => row.map(plainCell));
}

const isTooLong = (cell: SheetCell): boolean => typeof cell === 'string' && cell.length > MAX_CELL;

function plainCell(cell: unknown): SheetCell {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? '' : cell.toISOString().slice(0, 10);
  if (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean') return cell;
  return null;
}

const SAVE_AGAIN = 'Open it in a spreadsheet program, and save it as .xlsx or as CSV in UTF-8.';

function readCsv(bytes: Buffer, file: string): SheetGrid {
  const encoding = (what: string): ReviewError =>
    refuse(
      file,
      'REVIEW_SHEET_ENCODING',
      `is written in ${what}, not in UTF-8`,
      'Save it as "CSV UTF-8 (comma delimited)", or as .xlsx. Reasons with accents would be garbled otherwise.',
    );
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) throw encoding('UTF-16');
  if (bytes.includes(0)) {
    throw refuse(file, 'REVIEW_SHEET_UNREADABLE', 'is neither CSV nor XLSX', SAVE_AGAIN);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw encoding('an encoding of Windows (such as Windows-1252)');
  }
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: false,
      max_record_size: 200_000,
      // One more than there may be, so that it is known.
      to: MAX_ROWS + 1,
    });
  } catch (error) {
    throw refuse(file, 'REVIEW_SHEET_UNREADABLE', 'is no CSV that can be read', SAVE_AGAIN, error);
  }
}

/** Programs set to a language that writes 1,5 separate by semicolons. The first line has two cells, and its first has neither. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split(/\r?\n/, 1);
  return (
    [',', ';', '\t'].find((mark) => line.replace(/^"[^"]*"/, '').startsWith(mark)) ?? delimiterInside(line)
  );
}

function delimiterInside(line: string): string {
  const counted = [',', ';', '\t'].map((mark) => ({ mark, times: line.split(mark).length }));
  return counted.toSorted((a, b) => b.times - a.times)[0]?.mark ?? ',';
}

function refuse(file: string, code: ErrorCode, why: string, hint: string, cause?: unknown): ReviewError {
  return new ReviewError(code, `${file} ${why}.`, {
    ...{ hint, subject: { file } },
    ...(cause === undefined ? {} : { cause }),
  });
}
