import { CollectError } from '../../../contract/errors.ts';

/**
 * The layout of a cabinet file, after Microsoft's "Cabinet File Format" ([MS-CAB]). All numbers are little-endian.
 * Only the layout: reading blocks from a disk and inflating them is I/O and lies in main/collect.
 *
 * Stricter than the format where hostile files live: folders must lie one after the other, the files of a folder too,
 * and a cabinet that is a part of a set is refused.
 */

export type CabinetCompression =
  | { readonly kind: 'none' }
  | { readonly kind: 'mszip' }
  | { readonly kind: 'lzx'; readonly windowBits: number };

export interface CabinetFolder {
  readonly compression: CabinetCompression;
  /** Offset of its first block in the cabinet. */
  readonly dataOffset: number;
  /** Its blocks must end here: where the next folder's begin, or at the end of the cabinet. */
  readonly dataEnd: number;
  readonly blocks: number;
}

export interface CabinetFile {
  /** Parts apart by `/`, none of them empty, `.` or `..`. Never used to write a file. */
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly folder: number;
  /** Offset in the unpacked folder. */
  readonly offset: number;
}

export interface CabinetHeader {
  /** Bytes of the whole cabinet. */
  readonly size: number;
  readonly folders: readonly CabinetFolder[];
  readonly fileCount: number;
  readonly filesOffset: number;
  /** Bytes between a block's header and its data. */
  readonly blockReserve: number;
}

export interface CabinetBlock {
  /** 0: the writer computed none. */
  readonly checksum: number;
  readonly packed: number;
  readonly unpacked: number;
}

export const CABINET_LIMITS = {
  /** Of a block, packed: 32 KiB and what a compressor may add. */
  packedBlock: 32_768 + 6_144,
  unpackedBlock: 32_768,
  /** Of a name, in bytes: 255 and the zero after it. */
  name: 256,
  /** Of everything before the first block: 65,535 files with the longest names. */
  tables: 20 * 1024 * 1024,
} as const;

/** Bytes of the fixed header and of the longest optional part that is needed to find the folders. */
export const CABINET_HEADER_BYTES = 40;
export const BLOCK_HEADER_BYTES = 8;
const FOLDER_BYTES = 8;
const FILE_BYTES = 16;
const FLAG_PREVIOUS = 1;
const FLAG_NEXT = 2;
const FLAG_RESERVE = 4;
const NAME_IS_UTF8 = 0x80;
/** `iFolder` from here on: the file goes on from or in another cabinet of the set. */
const CONTINUED_FOLDER = 0xfffd;

export const unreadableCabinet = (name: string, why: string): CollectError =>
  new CollectError('COLLECT_CABINET_UNREADABLE', `${name} is no cabinet that can be read: ${why}.`, {
    hint: 'Fetch the file again from Microsoft.',
    subject: { file: name },
  });

const unsupported = (name: string, why: string): CollectError =>
  new CollectError('COLLECT_CABINET_UNSUPPORTED', `${name}: ${why}.`, { subject: { file: name } });

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * How many bytes lie before the first file entry, from the fixed header: what to read before {@link parseCabinetHeader}.
 *
 * @param bytes the first 40 bytes, or all when the file is shorter
 * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED
 */
export function sizeOfCabinetTables(bytes: Uint8Array, fileSize: number, name: string): number {
  const { filesOffset } = readFixedHeader(bytes, fileSize, name);
  if (filesOffset > CABINET_LIMITS.tables) throw unreadableCabinet(name, 'its tables have no bounds');
  return filesOffset;
}

function readFixedHeader(bytes: Uint8Array, fileSize: number, name: string) {
  if (bytes.length < 36) throw unreadableCabinet(name, 'it is too short');
  const view = viewOf(bytes);
  // "MSCF", then version 1.3.
  if (view.getUint32(0, true) !== 0x4643_534d) throw unreadableCabinet(name, 'it does not begin like one');
  if (view.getUint8(25) !== 1 || view.getUint8(24) !== 3) throw unsupported(name, 'its version is not 1.3');
  const size = view.getUint32(8, true);
  const filesOffset = view.getUint32(16, true);
  const flags = view.getUint16(30, true);
  // A signed cabinet carries its signature after its end.
  if (size > fileSize) throw unreadableCabinet(name, 'it is cut off');
  if (size < 36 || filesOffset < 36 || filesOffset > size)
    throw unreadableCabinet(name, 'its header points outside of it');
  if ((flags & (FLAG_PREVIOUS | FLAG_NEXT)) !== 0)
    throw unsupported(name, 'it is one of a set of cabinets, which are not read');
  return {
    size,
    filesOffset,
    folderCount: view.getUint16(26, true),
    fileCount: view.getUint16(28, true),
    hasReserve: (flags & FLAG_RESERVE) !== 0,
  };
}

/**
 * Reads the header and the folders.
 *
 * @param bytes from the start of the cabinet, at least as many as {@link sizeOfCabinetTables} said
 * @param fileSize of the whole file
 * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED
 */
export function parseCabinetHeader(bytes: Uint8Array, fileSize: number, name: string): CabinetHeader {
  const { size, filesOffset, folderCount, fileCount, hasReserve } = readFixedHeader(bytes, fileSize, name);
  const view = viewOf(bytes);
  let at = 36;
  let folderReserve = 0;
  let blockReserve = 0;
  if (hasReserve) {
    if (bytes.length < 40) throw unreadableCabinet(name, 'it is too short');
    at = 40 + view.getUint16(36, true);
    folderReserve = view.getUint8(38);
    blockReserve = view.getUint8(39);
  }
  if (at + folderCount * (FOLDER_BYTES + folderReserve) > Math.min(filesOffset, bytes.length))
    throw unreadableCabinet(name, 'its folders overlap its files');
  const starts: { compression: CabinetCompression; dataOffset: number; blocks: number }[] = [];
  for (let index = 0; index < folderCount; index += 1) {
    const dataOffset = view.getUint32(at, true);
    const blocks = view.getUint16(at + 4, true);
    starts.push({ compression: compressionOf(view.getUint16(at + 6, true), name), dataOffset, blocks });
    at += FOLDER_BYTES + folderReserve;
  }
  const folders = starts.map((folder, index): CabinetFolder => {
    const dataEnd = starts[index + 1]?.dataOffset ?? size;
    const least = filesOffset + fileCount * FILE_BYTES;
    // Blocks that two folders share would unpack without end from few bytes.
    if (folder.dataOffset < least || folder.dataOffset + folder.blocks * BLOCK_HEADER_BYTES > dataEnd)
      throw unreadableCabinet(name, `folder ${index} lies outside of it or over another`);
    return { ...folder, dataEnd };
  });
  return { size, folders, fileCount, filesOffset, blockReserve };
}

function compressionOf(type: number, name: string): CabinetCompression {
  const windowBits = (type >> 8) & 0x1f;
  switch (type & 0x0f) {
    case 0:
      return { kind: 'none' };
    case 1:
      return { kind: 'mszip' };
    case 3:
      if (windowBits < 15 || windowBits > 21)
        throw unreadableCabinet(name, 'its LZX window has no known size');
      return { kind: 'lzx', windowBits };
    default:
      throw unsupported(name, `it is compressed by method ${type & 0x0f}, which is not read`);
  }
}

/**
 * Reads the file entries.
 *
 * @param bytes from `filesOffset` to the first block, or more
 * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED
 */
export function parseCabinetFiles(bytes: Uint8Array, header: CabinetHeader, name: string): CabinetFile[] {
  const view = viewOf(bytes);
  const files: CabinetFile[] = [];
  const seen = new Set<string>();
  let at = 0;
  let end = { folder: 0, offset: 0 };
  for (let index = 0; index < header.fileCount; index += 1) {
    if (at + FILE_BYTES > bytes.length) throw unreadableCabinet(name, 'its list of files is cut off');
    const size = view.getUint32(at, true);
    const offset = view.getUint32(at + 4, true);
    const folder = view.getUint16(at + 8, true);
    const attributes = view.getUint16(at + 14, true);
    if (folder >= CONTINUED_FOLDER) throw unsupported(name, 'a file of it goes on in another cabinet');
    const place = header.folders[folder];
    if (place === undefined) throw unreadableCabinet(name, `file ${index} is in no folder`);
    if (offset + size > place.blocks * CABINET_LIMITS.unpackedBlock)
      throw unreadableCabinet(name, `file ${index} is larger than its folder`);
    if (folder < end.folder || (folder === end.folder && offset < end.offset))
      throw unreadableCabinet(name, `file ${index} lies over the one before it`);
    end = { folder, offset: offset + size };

    const nameStart = at + FILE_BYTES;
    const zero = bytes.subarray(nameStart, nameStart + CABINET_LIMITS.name).indexOf(0);
    if (zero <= 0) throw unreadableCabinet(name, `file ${index} has no name, or one without end`);
    const path = decodeName(bytes.subarray(nameStart, nameStart + zero), (attributes & NAME_IS_UTF8) !== 0);
    if (path === null) throw unreadableCabinet(name, `the name of file ${index} is unsafe`);
    if (seen.has(path)) throw unreadableCabinet(name, `two files of it have the name of file ${index}`);
    seen.add(path);
    files.push({ name: path, size, folder, offset });
    at = nameStart + zero + 1;
  }
  return files;
}

/** `null` for a name that is not plain: control characters, a drive, a root, a way up. */
function decodeName(bytes: Uint8Array, isUtf8: boolean): string | null {
  let text = '';
  for (const byte of bytes)
    text += isUtf8 ? `%${byte.toString(16).padStart(2, '0')}` : String.fromCharCode(byte);
  try {
    if (isUtf8) text = decodeURIComponent(text);
  } catch {
    return null;
  }
  const path = text.replaceAll('\\', '/');
  if (/[\u0000-\u001f\u007f:]/.test(path)) return null;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') ? path : null;
}

/** @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED */
export function parseBlockHeader(bytes: Uint8Array, name: string): CabinetBlock {
  const view = viewOf(bytes);
  const block = {
    checksum: view.getUint32(0, true),
    packed: view.getUint16(4, true),
    unpacked: view.getUint16(6, true),
  };
  if (block.unpacked === 0) throw unsupported(name, 'a block of it goes on in another cabinet');
  if (block.packed === 0 || block.packed > CABINET_LIMITS.packedBlock)
    throw unreadableCabinet(name, 'a block of it has no possible size');
  if (block.unpacked > CABINET_LIMITS.unpackedBlock)
    throw unreadableCabinet(name, 'a block of it has no possible size');
  return block;
}

/**
 * The checksum of a block: 32-bit words XORed, the last one to three bytes as one word of their own, most significant
 * first; the two sizes of the block's header count as the last word ([MS-CAB] 3.1).
 */
export function checksumOfBlock(data: Uint8Array, block: CabinetBlock): number {
  let sum = block.packed | (block.unpacked << 16);
  const view = viewOf(data);
  const whole = data.length - (data.length % 4);
  for (let at = 0; at < whole; at += 4) sum ^= view.getUint32(at, true);
  let rest = 0;
  for (let at = whole; at < data.length; at += 1) rest = (rest << 8) | (data[at] ?? 0);
  return (sum ^ rest) >>> 0;
}
