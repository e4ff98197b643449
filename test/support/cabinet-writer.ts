import { deflateRawSync } from 'node:zlib';
import { checksumOfBlock } from '../../main/core/windows/cabinet.ts';
import { encodeLzx, type LzxOptions } from './lzx-encoder.ts';

/** Writes cabinets, right or wrong on purpose, where Debian's tools can't: LZX, signatures of trouble. */

export interface FolderPlan {
  readonly compression: 'none' | 'mszip' | LzxOptions;
  readonly files: readonly { readonly name: string; readonly data: Uint8Array; readonly isUtf8?: boolean }[];
}

const BLOCK = 32_768;

interface Block {
  readonly packed: Uint8Array;
  readonly unpacked: number;
}

function mszip(data: Uint8Array): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < data.length; at += BLOCK) {
    const piece = data.subarray(at, at + BLOCK);
    const dictionary = at === 0 ? undefined : data.subarray(Math.max(0, at - BLOCK), at);
    const packed = deflateRawSync(piece, dictionary === undefined ? {} : { dictionary });
    blocks.push({ packed: Buffer.concat([Buffer.from('CK'), packed]), unpacked: piece.length });
  }
  return blocks;
}

function blocksOf(plan: FolderPlan): Block[] {
  const data = Buffer.concat(plan.files.map((file) => file.data));
  if (plan.compression === 'mszip') return mszip(data);
  const sizeOf = (index: number): number => Math.min(BLOCK, data.length - index * BLOCK);
  if (plan.compression !== 'none')
    return encodeLzx(data, plan.compression).map((packed, index) => ({ packed, unpacked: sizeOf(index) }));
  return Array.from({ length: Math.ceil(data.length / BLOCK) }, (_, index) => ({
    packed: data.subarray(index * BLOCK, (index + 1) * BLOCK),
    unpacked: sizeOf(index),
  }));
}

function typeOf(compression: FolderPlan['compression']): number {
  if (compression === 'none') return 0;
  return compression === 'mszip' ? 1 : 3 | (compression.windowBits << 8);
}

/** @param reserve bytes of a reserved area, in the header, each folder and each block */
export function writeCabinet(folders: readonly FolderPlan[], reserve = 0): Buffer {
  const packed = folders.map(blocksOf);
  const files = folders.flatMap((folder, index) => {
    let offset = 0;
    return folder.files.map((file) => {
      const name = Buffer.from(file.name, file.isUtf8 === true ? 'utf8' : 'latin1');
      const entry = Buffer.alloc(16 + name.length + 1);
      entry.writeUInt32LE(file.data.length, 0);
      entry.writeUInt32LE(offset, 4);
      entry.writeUInt16LE(index, 8);
      entry.writeUInt16LE(0x5000, 10);
      entry.writeUInt16LE(file.isUtf8 === true ? 0xa0 : 0x20, 14);
      name.copy(entry, 16);
      offset += file.data.length;
      return entry;
    });
  });
  const headerSize = reserve === 0 ? 36 : 40 + reserve;
  const filesOffset = headerSize + folders.length * (8 + reserve);
  let at = filesOffset + files.reduce((sum, entry) => sum + entry.length, 0);
  const folderEntries: Buffer[] = [];
  const blocks: Buffer[] = [];
  folders.forEach((folder, index) => {
    const entry = Buffer.alloc(8 + reserve);
    entry.writeUInt32LE(at, 0);
    entry.writeUInt16LE(packed[index]?.length ?? 0, 4);
    entry.writeUInt16LE(typeOf(folder.compression), 6);
    folderEntries.push(entry);
    for (const block of packed[index] ?? []) {
      const header = Buffer.alloc(8 + reserve);
      const sizes = { checksum: 0, packed: block.packed.length, unpacked: block.unpacked };
      header.writeUInt32LE(checksumOfBlock(block.packed, sizes), 0);
      header.writeUInt16LE(sizes.packed, 4);
      header.writeUInt16LE(sizes.unpacked, 6);
      blocks.push(header, Buffer.from(block.packed));
      at += header.length + block.packed.length;
    }
  });
  const header = Buffer.alloc(headerSize);
  header.write('MSCF', 0, 'latin1');
  header.writeUInt32LE(at, 8);
  header.writeUInt32LE(filesOffset, 16);
  header.writeUInt8(3, 24);
  header.writeUInt8(1, 25);
  header.writeUInt16LE(folders.length, 26);
  header.writeUInt16LE(files.length, 28);
  if (reserve > 0) {
    header.writeUInt16LE(4, 30);
    header.writeUInt16LE(reserve, 36);
    header.writeUInt8(reserve, 38);
    header.writeUInt8(reserve, 39);
  }
  return Buffer.concat([header, ...folderEntries, ...files, ...blocks]);
}
