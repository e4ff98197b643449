import { crc32, inflateRawSync } from 'node:zlib';
import { ReviewError, type ErrorCode } from '../../contract/errors.ts';

/**
 * Reads one entry of a ZIP file that came from outside. Everything that two readers could understand differently, and everything that
 * costs more than it says, is refused before a byte is unpacked: only the central directory counts, and what lies before an entry must
 * agree with it. Source: APPNOTE.TXT 6.3.10 (ZIP File Format Specification), sections 4.3 and 4.4.
 */
export interface ZipLimits {
  /** Of the whole file, in bytes. */
  readonly file: number;
  readonly entries: number;
  /** Unpacked, of one entry and of all of them together, in bytes. */
  readonly entry: number;
  readonly total: number;
  /** Unpacked by packed. No honest text is packed better than a few dozen times. */
  readonly ratio: number;
}

export interface ZipEntry {
  readonly name: string;
  /** Bytes when unpacked. */
  readonly size: number;
  read(): Buffer;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
/** Flag bits: encrypted, sizes follow the data, name in UTF-8. */
const ENCRYPTED = 0x2041;
const SIZES_FOLLOW = 0x0008;
const STORED = 0;
const DEFLATED = 8;
/** An entry so small can be packed any number of times and does no harm. */
const RATIO_FROM = 64 * 1024;

interface Place {
  readonly name: string;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/** Whether the bytes say that they are a ZIP file; nothing else is looked at. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] ?? 0xff) <= 8 && (bytes[3] ?? 0xff) <= 8;
}

/**
 * @param file name for messages
 * @throws ReviewError REVIEW_ZIP_*
 */
export function readZip(bytes: Buffer, file: string, limits: ZipLimits): readonly ZipEntry[] {
  const refuse = (code: ErrorCode, why: string): ReviewError =>
    new ReviewError(code, `${file} ${why}.`, {
      hint: 'Do not use this file. Ask for it again.',
      subject: { file },
    });
  if (bytes.length > limits.file) throw refuse('REVIEW_ZIP_TOO_LARGE', 'is larger than any file of its kind');
  const places = readDirectory(bytes, limits, refuse);
  requireSafeNames(places, refuse);
  requireBounded(places, limits, refuse);
  const starts = places.map((place) => ({ place, start: dataStart(bytes, place, refuse) }));
  requireApart(starts, refuse);
  return starts.map(({ place, start }) => ({
    name: place.name,
    size: place.size,
    read: () => unpack(bytes, place, start, refuse),
  }));
}

/** @throws ReviewError REVIEW_ZIP_ENTRY_MISSING */
export function requireEntry(entries: readonly ZipEntry[], name: string, file: string): ZipEntry {
  const entry = entries.find((item) => item.name === name);
  if (entry !== undefined) return entry;
  throw new ReviewError('REVIEW_ZIP_ENTRY_MISSING', `${file} holds no ${name}.`, {
    hint: 'Choose the file that the site exported, as it was exported.',
    subject: { file },
  });
}

type Refuse = (code: ErrorCode, why: string) => ReviewError;

function readDirectory(bytes: Buffer, limits: ZipLimits, refuse: Refuse): Place[] {
  const end = bytes.length - END_LENGTH;
  if (end < 0 || bytes.readUInt32LE(end) !== END) {
    throw refuse('REVIEW_ZIP_UNREADABLE', 'does not end as a ZIP file ends: it was cut short, or added to');
  }
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const offset = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
    throw refuse('REVIEW_ZIP_UNSUPPORTED', 'uses the large form of ZIP, which nothing here needs');
  }
  const isWhole =
    bytes.readUInt16LE(end + 4) === 0 &&
    bytes.readUInt16LE(end + 6) === 0 &&
    bytes.readUInt16LE(end + 8) === count &&
    bytes.readUInt16LE(end + 20) === 0;
  if (!isWhole || offset + size !== end) {
    throw refuse('REVIEW_ZIP_CONTRADICTORY', 'says of its own list of entries what is not so');
  }
  if (count > limits.entries) throw refuse('REVIEW_ZIP_TOO_LARGE', `holds ${count} entries`);
  const places: Place[] = [];
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_LENGTH > end || bytes.readUInt32LE(at) !== CENTRAL) {
      throw refuse('REVIEW_ZIP_CONTRADICTORY', 'lists other entries than it says');
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    const next = at + CENTRAL_LENGTH + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (next > end) throw refuse('REVIEW_ZIP_CONTRADICTORY', 'lists an entry that goes past its list');
    const place: Place = {
      name: readName(bytes.subarray(at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + nameLength), refuse),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    if ([place.packed, place.size, place.offset].includes(0xffffffff)) {
      throw refuse('REVIEW_ZIP_UNSUPPORTED', 'uses the large form of ZIP, which nothing here needs');
    }
    if ((place.flags & ENCRYPTED) !== 0) throw refuse('REVIEW_ZIP_UNSUPPORTED', 'is encrypted');
    if (place.method !== STORED && place.method !== DEFLATED) {
      throw refuse('REVIEW_ZIP_UNSUPPORTED', `is packed by method ${place.method}`);
    }
    if (place.method === STORED && place.packed !== place.size) {
      throw refuse('REVIEW_ZIP_CONTRADICTORY', `says two sizes of ${place.name}`);
    }
    places.push(place);
    at = next;
  }
  if (at !== end) throw refuse('REVIEW_ZIP_CONTRADICTORY', 'has more in its list than entries');
  return places;
}

function readName(bytes: Buffer, refuse: Refuse): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('REVIEW_ZIP_PATH_UNSAFE', 'holds an entry whose name is no text');
  }
}

/** Nothing is ever unpacked to a disk; such names are refused because whoever wrote them wants somebody to do so. */
function requireSafeNames(places: readonly Place[], refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { name } of places) {
    const parts = name.replace(/\/$/, '').split('/');
    const isPlain = name.length <= 200 && !/[\u0000-\u001f\u007f\\:]/.test(name);
    if (!isPlain || parts.some((part) => part === '' || part === '.' || part === '..')) {
      throw refuse(
        'REVIEW_ZIP_PATH_UNSAFE',
        `holds an entry with the name ${JSON.stringify(name.slice(0, 80))}`,
      );
    }
    const folded = name.normalize('NFC').toLowerCase();
    if (seen.has(folded)) throw refuse('REVIEW_ZIP_DUPLICATE', `holds two entries with the name ${name}`);
    seen.add(folded);
  }
}

function requireBounded(places: readonly Place[], limits: ZipLimits, refuse: Refuse): void {
  let total = 0;
  for (const { name, packed, size } of places) {
    total += size;
    const isBomb = size > RATIO_FROM && size > packed * limits.ratio;
    if (size > limits.entry || total > limits.total || isBomb) {
      throw refuse('REVIEW_ZIP_TOO_LARGE', `would unpack to more than is believable, at ${name}`);
    }
  }
}

/** Where the bytes of an entry begin. What stands before them must agree with the list. */
function dataStart(bytes: Buffer, place: Place, refuse: Refuse): number {
  const { offset, name } = place;
  const contradicts = (): ReviewError =>
    refuse('REVIEW_ZIP_CONTRADICTORY', `says one thing of ${name} in its list and another before it`);
  if (offset + LOCAL_LENGTH > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) throw contradicts();
  const flags = bytes.readUInt16LE(offset + 6);
  const nameLength = bytes.readUInt16LE(offset + 26);
  const nameAt = offset + LOCAL_LENGTH;
  const start = nameAt + nameLength + bytes.readUInt16LE(offset + 28);
  const agrees =
    start + place.packed <= bytes.length &&
    flags === place.flags &&
    bytes.readUInt16LE(offset + 8) === place.method &&
    bytes.subarray(nameAt, nameAt + nameLength).equals(Buffer.from(name, 'utf8'));
  if (!agrees) throw contradicts();
  const stated = [
    bytes.readUInt32LE(offset + 14),
    bytes.readUInt32LE(offset + 18),
    bytes.readUInt32LE(offset + 22),
  ];
  const listed = [place.crc, place.packed, place.size];
  const followsData = (flags & SIZES_FOLLOW) !== 0;
  if (!stated.every((value, index) => value === listed[index] || (followsData && value === 0)))
    throw contradicts();
  return start;
}

/** No byte belongs to two entries: the trick of bombs that are small and expand without end. */
function requireApart(
  starts: readonly { readonly place: Place; readonly start: number }[],
  refuse: Refuse,
): void {
  const inOrder = starts.toSorted((a, b) => a.place.offset - b.place.offset);
  for (const [index, { place, start }] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next !== undefined && start + place.packed > next.place.offset) {
      throw refuse(
        'REVIEW_ZIP_CONTRADICTORY',
        `keeps ${place.name} and ${next.place.name} in the same bytes`,
      );
    }
  }
}

function unpack(bytes: Buffer, place: Place, start: number, refuse: Refuse): Buffer {
  const packed = bytes.subarray(start, start + place.packed);
  const damaged = (): ReviewError => refuse('REVIEW_ZIP_UNREADABLE', `is damaged at ${place.name}`);
  let plain: Buffer;
  try {
    plain =
      place.method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, place.size) });
  } catch (error) {
    if (error instanceof RangeError) {
      throw refuse('REVIEW_ZIP_CONTRADICTORY', `unpacks ${place.name} to more than it says`);
    }
    if (error instanceof Error) throw damaged();
    throw error;
  }
  if (plain.length !== place.size) {
    throw refuse('REVIEW_ZIP_CONTRADICTORY', `unpacks ${place.name} to less than it says`);
  }
  if (crc32(plain) !== place.crc) throw damaged();
  return plain;
}
