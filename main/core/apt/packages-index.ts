import { BundleError } from '../../../contract/errors.ts';
import { parseSourceField } from './stanza.ts';

/** One paragraph of a repository's Packages file: a patch that the vendor offers. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly section: string;
  readonly priority: string;
  /** KiB, as the vendor estimates it; `null` when absent. */
  readonly installedSize: number | null;
  /** Bytes of the .deb file. */
  readonly size: number;
  /** Of the .deb file, lower-case hex. */
  readonly sha256: string;
  /** Below the repository's root, for example `pool/updates/main/o/openssl/openssl_3.0.22-1~deb12u2_amd64.deb`. */
  readonly filename: string;
  readonly essential: boolean;
  readonly multiArch: string;
  readonly preDepends: string;
  readonly depends: string;
  readonly provides: string;
  readonly breaks: string;
  readonly conflicts: string;
  /** First line only. */
  readonly description: string;
}

/** Names of fields in lower case; the place in this list is the field's slot. */
const FIELDS = [
  'package',
  'version',
  'architecture',
  'source',
  'section',
  'priority',
  'installed-size',
  'size',
  'sha256',
  'filename',
  'essential',
  'multi-arch',
  'description',
  'pre-depends',
  'depends',
  'provides',
  'breaks',
  'conflicts',
] as const;
/** Relations to other packages come last: a catalogue has no use for them, and they are half of an index. */
const FIRST_RELATION = FIELDS.indexOf('pre-depends');
const DESCRIPTION = FIELDS.indexOf('description');

/** Characters; no real paragraph comes near it. What comes without an end is not gathered without an end. */
const MAX_PARAGRAPH = 4 * 1024 * 1024;

/** Slots by length and first letter, so that most lines are passed over at a glance and no name is made a string. */
const SLOTS_BY_SHAPE: readonly (readonly number[] | undefined)[] = shapesOf(FIELDS);

function shapesOf(names: readonly string[]): (number[] | undefined)[] {
  const shapes: (number[] | undefined)[] = [];
  for (const [slot, name] of names.entries())
    (shapes[shapeOf(name.length, name.charCodeAt(0))] ??= []).push(slot);
  return shapes;
}

/** Letters differ from their other case by one bit, and in the five below it from one another. */
function shapeOf(length: number, first: number): number {
  return length * 32 + (first & 31);
}

export interface ParseOptions {
  /** `without-relations` leaves the fields empty that name other packages. */
  readonly fields?: 'all' | 'without-relations';
  /** Makes text of a description; for a caller whose characters stand for bytes. All other fields are ASCII. */
  readonly decode?: (raw: string) => string;
}

/**
 * Reads the whole paragraphs at the start of a text, so that a large index can be read piece by piece.
 *
 * @param text what was left of the previous piece, followed by the next one
 * @param isLast the text ends the file: its last paragraph needs no empty line after it
 * @returns the packages in file order, and the text of a paragraph that is not complete yet
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE when a paragraph lacks what every package must have
 */
export function parsePackages(
  text: string,
  isLast: boolean,
  file: string,
  options: ParseOptions = {},
): { readonly records: PackageRecord[]; readonly rest: string } {
  const end = isLast ? text.length : text.lastIndexOf('\n\n') + 2;
  if (text.length - end > MAX_PARAGRAPH) {
    throw new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file}: a paragraph has no end.`, {
      subject: { file },
      hint: 'The index is not one that a repository serves. Build the bundle again.',
    });
  }
  if (end < 2) return { records: [], rest: isLast ? '' : text };
  const wanted = options.fields === 'without-relations' ? FIRST_RELATION : FIELDS.length;
  const records: PackageRecord[] = [];
  const values: string[] = Array.from(FIELDS, () => '');
  const finish = (): void => {
    const { decode } = options;
    if (decode !== undefined) values[DESCRIPTION] = decode(values[DESCRIPTION] ?? '');
    records.push(toRecord(values, file));
    values.fill('');
  };
  let isEmpty = true;
  let slot = -1;
  let start = 0;
  while (start < end) {
    let lineEnd = text.indexOf('\n', start);
    if (lineEnd < 0 || lineEnd > end) lineEnd = end;
    if (lineEnd === start) {
      if (!isEmpty) finish();
      isEmpty = true;
      slot = -1;
    } else {
      const first = text.charCodeAt(start);
      if (first === 32 || first === 9) {
        // Only relations may be folded over several lines here; of a description the first line is enough.
        if (slot >= FIRST_RELATION)
          values[slot] = `${values[slot] ?? ''} ${text.slice(start, lineEnd).trim()}`;
      } else {
        const colon = text.indexOf(':', start);
        slot = colon > start && colon < lineEnd ? slotOf(text, start, colon, wanted) : -1;
        if (slot >= 0) {
          values[slot] = text.slice(text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1, lineEnd);
        }
        isEmpty = false;
      }
    }
    start = lineEnd + 1;
  }
  if (isLast && !isEmpty) finish();
  return { records, rest: isLast ? '' : text.slice(end) };
}

/** Which of the first `wanted` fields is named there, in whatever case; -1 for every other. */
function slotOf(text: string, start: number, end: number, wanted: number): number {
  const candidates = SLOTS_BY_SHAPE[shapeOf(end - start, text.charCodeAt(start))];
  if (candidates === undefined) return -1;
  for (const slot of candidates) {
    if (slot >= wanted) continue;
    const name = FIELDS[slot] ?? '';
    let index = 1;
    while (index < name.length && lowerCase(text.charCodeAt(start + index)) === name.charCodeAt(index))
      index += 1;
    if (index === name.length && lowerCase(text.charCodeAt(start)) === name.charCodeAt(0)) return slot;
  }
  return -1;
}

const lowerCase = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

function toRecord(values: readonly string[], file: string): PackageRecord {
  const at = (slot: number): string => values[slot] ?? '';
  const name = at(0);
  const version = at(1);
  const size = Number(at(7));
  const sha256 = at(8).toLowerCase();
  if (
    !/^[a-z0-9][a-z0-9+.-]*$/.test(name) ||
    version === '' ||
    at(2) === '' ||
    !/^[0-9a-f]{64}$/.test(sha256) ||
    !/^\d+$/.test(at(7)) ||
    !Number.isSafeInteger(size) ||
    at(9) === ''
  ) {
    throw new BundleError(
      'BUNDLE_CONTENT_UNREADABLE',
      `${file}: the entry of package "${name.slice(0, 80)}" lacks a name, version, architecture, size, SHA-256 or file name.`,
      { subject: { file }, hint: 'The index is not one that a repository serves. Build the bundle again.' },
    );
  }
  return {
    name,
    version,
    arch: at(2),
    ...parseSourceField(values[3], name, version),
    section: at(4),
    priority: at(5),
    installedSize: /^\d+$/.test(at(6)) ? Number(at(6)) : null,
    size,
    sha256,
    filename: at(9),
    essential: at(10).toLowerCase() === 'yes',
    multiArch: at(11),
    preDepends: at(13),
    depends: at(14),
    provides: at(15),
    breaks: at(16),
    conflicts: at(17),
    description: at(12),
  };
}
