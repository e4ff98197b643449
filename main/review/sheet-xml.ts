import { setImmediate } from 'node:timers/promises';
import { ReviewError, type ErrorCode } from '../../contract/errors.ts';
import { XmlFault, XmlReader } from '../core/windows/xml.ts';

/**
 * The XML inside a spreadsheet, judged before a library reads it: that library fills every gap that a row's or a cell's place leaves,
 * and keeps a name for every element that is open.
 */
export interface SheetBounds {
  readonly rows: number;
  readonly columns: number;
}

/** In characters. A code for a format has 255 at most. */
const MAX_ATTRIBUTE = 4_096;
const STEP = 1024 * 1024;

/**
 * @param name of the entry, for messages
 * @throws ReviewError REVIEW_SHEET_TOO_LARGE, REVIEW_SHEET_UNREADABLE, REVIEW_SHEET_UNSAFE
 */
export async function requireBoundedXml(
  content: Buffer,
  file: string,
  name: string,
  bounds: SheetBounds,
): Promise<void> {
  const refuse = refuser(file, name);
  const isUtf16 =
    (content[0] === 0xff && content[1] === 0xfe) || (content[0] === 0xfe && content[1] === 0xff);
  // An entity or a document type has no place in a spreadsheet, in whatever encoding it hides.
  if (isUtf16 || content.includes(0) || /<!(DOCTYPE|ENTITY)/i.test(content.toString('latin1'))) {
    throw refuse('REVIEW_SHEET_UNSAFE', 'declares a document type or entities');
  }
  const reader = new XmlReader('document', { open: elementJudge(bounds, refuse) });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let at = 0; at < content.length; at += STEP) {
      reader.write(decoder.decode(content.subarray(at, at + STEP), { stream: true }));
      // A large list takes seconds: others have their turn meanwhile.
      await setImmediate();
    }
    reader.write(decoder.decode());
    reader.end();
  } catch (error) {
    // The decoder throws a TypeError for what is not UTF-8.
    if (!(error instanceof XmlFault) && !(error instanceof TypeError)) throw error;
    throw refuse('REVIEW_SHEET_UNREADABLE', 'is no XML that can be read', error);
  }
}

type Refuse = (code: ErrorCode, why: string, cause?: unknown) => ReviewError;

function refuser(file: string, name: string): Refuse {
  return (code, why, cause) =>
    new ReviewError(code, `${file} ${why}, in ${name}.`, {
      hint:
        code === 'REVIEW_SHEET_TOO_LARGE'
          ? 'Delete what stands below the last row and right of the last column of the table, and save it as .xlsx or as CSV in UTF-8.'
          : 'Open it in a spreadsheet program, and save it as .xlsx or as CSV in UTF-8.',
      subject: { file },
      ...(cause === undefined ? {} : { cause }),
    });
}

/** Counts and places as the library does: names without their prefix, and rows from the first `sheetData` on. */
function elementJudge(bounds: SheetBounds, refuse: Refuse) {
  const tooLarge = (): ReviewError =>
    refuse('REVIEW_SHEET_TOO_LARGE', 'has more rows or columns than any list');
  // A row, and for each cell of it the cell, its value and two of text.
  const mostElements = bounds.rows * 50;
  let elements = 0;
  let rows = 0;
  let isSheet = false;
  return (name: string, attributes: Readonly<Record<string, string>>): void => {
    elements += 1;
    if (elements > mostElements) throw tooLarge();
    if (name === 'sheetData') isSheet = true;
    if (name === 'row') rows += 1;
    if (isSheet && rows > bounds.rows) throw tooLarge();
    for (const [attribute, value] of Object.entries(attributes)) {
      if (value.length > MAX_ATTRIBUTE) throw tooLarge();
      if (!isSheet || (name !== 'row' && name !== 'c') || localName(attribute) !== 'r') continue;
      const [, letters = '', digits] = (name === 'row' ? /^()(\d+)$/ : /^([A-Z]+)(\d+)$/).exec(value) ?? [];
      if (digits === undefined) {
        throw refuse('REVIEW_SHEET_UNREADABLE', `names the place ${value.slice(0, 20)}`);
      }
      if (Number(digits) > bounds.rows || columnOf(letters) > bounds.columns) throw tooLarge();
    }
  };
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** A is 1, Z 26, AA 27. */
function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column;
}
