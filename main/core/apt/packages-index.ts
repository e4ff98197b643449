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

const FIELDS = [
  'Package',
  'Version',
  'Architecture',
  'Source',
  'Section',
  'Priority',
  'Installed-Size',
  'Size',
  'SHA256',
  'Filename',
  'Essential',
  'Multi-Arch',
  'Pre-Depends',
  'Depends',
  'Provides',
  'Breaks',
  'Conflicts',
  'Description',
] as const;

/** Characters; no real paragraph comes near it. What comes without an end is not gathered without an end. */
const MAX_PARAGRAPH = 4 * 1024 * 1024;

const SLOT_BY_NAME = new Map<string, number>(FIELDS.map((name, slot) => [name.toLowerCase(), slot]));
/** Lengths that a wanted name has: most lines of an index are told apart without making a string of their name. */
const WANTED_LENGTHS = new Set<number>(FIELDS.map((name) => name.length));

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
): { readonly records: PackageRecord[]; readonly rest: string } {
  const end = isLast ? text.length : text.lastIndexOf('\n\n') + 2;
  if (text.length - end > MAX_PARAGRAPH) {
    throw new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file}: a paragraph has no end.`, {
      subject: { file },
      hint: 'The index is not one that a repository serves. Build the bundle again.',
    });
  }
  if (end < 2) return { records: [], rest: isLast ? '' : text };
  const records: PackageRecord[] = [];
  let values: (string | undefined)[] = [];
  let isEmpty = true;
  let slot = -1;
  let start = 0;
  while (start < end) {
    let lineEnd = text.indexOf('\n', start);
    if (lineEnd < 0 || lineEnd > end) lineEnd = end;
    if (lineEnd === start) {
      if (!isEmpty) records.push(toRecord(values, file));
      values = [];
      isEmpty = true;
      slot = -1;
    } else {
      const first = text.charCodeAt(start);
      if (first === 32 || first === 9) {
        // Only relations may be folded over several lines here; of a description the first line is enough.
        if (slot >= 12 && slot <= 16)
          values[slot] = `${values[slot] ?? ''} ${text.slice(start, lineEnd).trim()}`;
      } else {
        const colon = text.indexOf(':', start);
        slot = -1;
        if (colon > start && colon < lineEnd && WANTED_LENGTHS.has(colon - start)) {
          slot = SLOT_BY_NAME.get(text.slice(start, colon).toLowerCase()) ?? -1;
          if (slot >= 0) {
            values[slot] = text.slice(text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1, lineEnd);
          }
        }
        isEmpty = false;
      }
    }
    start = lineEnd + 1;
  }
  if (isLast && !isEmpty) records.push(toRecord(values, file));
  return { records, rest: isLast ? '' : text.slice(end) };
}

function toRecord(values: readonly (string | undefined)[], file: string): PackageRecord {
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
    preDepends: at(12),
    depends: at(13),
    provides: at(14),
    breaks: at(15),
    conflicts: at(16),
    description: at(17),
  };
}
