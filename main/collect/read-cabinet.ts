import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { CollectError } from '../../contract/errors.ts';
import {
  BLOCK_HEADER_BYTES,
  CABINET_HEADER_BYTES,
  CABINET_LIMITS,
  checksumOfBlock,
  parseBlockHeader,
  parseCabinetFiles,
  parseCabinetHeader,
  sizeOfCabinetTables,
  unreadableCabinet,
  type CabinetFile,
  type CabinetFolder,
  type CabinetHeader,
} from '../core/windows/cabinet.ts';
import { LzxDecoder } from '../core/windows/lzx.ts';

/** Takes the bytes of one member as they come. */
export interface MemberSink {
  /** The bytes are valid during the call only. */
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface CabinetLimits {
  /** Bytes that all members wanted may have together. */
  readonly maxBytes: number;
}

type Unpack = (packed: Uint8Array, unpacked: number) => Uint8Array;

/** Bytes unpacked before others get a turn. */
const TURN_BYTES = 4 * 1024 * 1024;
const HISTORY = 32_768;

/**
 * A cabinet on a disk. Of its content no more than two blocks and one window of its compressor are in memory, however
 * large it is; the list of its members is whole.
 */
export class CabinetReader {
  readonly files: readonly CabinetFile[];
  readonly #fd: number;
  readonly #name: string;
  readonly #header: CabinetHeader;

  /**
   * Reads header and list of members.
   *
   * @param name for messages
   * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED
   */
  constructor(path: string, name: string) {
    this.#name = name;
    this.#fd = openSync(path, 'r');
    try {
      const fileSize = fstatSync(this.#fd).size;
      const tables = sizeOfCabinetTables(
        this.#read(0, Math.min(CABINET_HEADER_BYTES, fileSize)),
        fileSize,
        name,
      );
      this.#header = parseCabinetHeader(
        this.#read(0, Math.min(Math.max(tables, CABINET_HEADER_BYTES), fileSize)),
        fileSize,
        name,
      );
      const { filesOffset, folders, size } = this.#header;
      const end = Math.min(folders[0]?.dataOffset ?? size, filesOffset + CABINET_LIMITS.tables);
      this.files = parseCabinetFiles(this.#read(filesOffset, end - filesOffset), this.#header, name);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /**
   * Unpacks the members that are wanted, in the order in which they lie there. Folders without one are skipped.
   *
   * @param want the taker of a member's bytes, or `null`
   * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED, COLLECT_CABINET_TOO_LARGE; what a
   *   sink throws; the signal's reason
   */
  async extract(
    want: (file: CabinetFile) => MemberSink | null,
    limits: CabinetLimits,
    signal?: AbortSignal,
  ): Promise<void> {
    const byFolder = new Map<number, { readonly file: CabinetFile; readonly sink: MemberSink }[]>();
    let total = 0;
    for (const file of this.files) {
      const sink = want(file);
      if (sink === null) continue;
      total += file.size;
      const list = byFolder.get(file.folder);
      if (list === undefined) byFolder.set(file.folder, [{ file, sink }]);
      else list.push({ file, sink });
    }
    if (total > limits.maxBytes) {
      throw new CollectError(
        'COLLECT_CABINET_TOO_LARGE',
        `${this.#name} unpacks to ${total} bytes, more than the ${limits.maxBytes} it may have.`,
        { subject: { file: this.#name } },
      );
    }
    for (const [index, members] of byFolder) {
      const folder = this.#header.folders[index];
      if (folder !== undefined) await this.#extractFolder(folder, members, signal);
    }
  }

  async #extractFolder(
    folder: CabinetFolder,
    members: readonly { readonly file: CabinetFile; readonly sink: MemberSink }[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const unpack = unpackerOf(folder, this.#name);
    let next = 0;
    let position = 0;
    let sinceTurn = 0;
    const endWhole = (): void => {
      for (;;) {
        const member = members[next];
        if (member === undefined || position < member.file.offset + member.file.size) return;
        member.sink.end();
        next += 1;
      }
    };
    endWhole();
    let at = folder.dataOffset;
    for (let block = 0; block < folder.blocks && next < members.length; block += 1) {
      const read = this.#readBlock(at, folder);
      at = read.end;
      const bytes = unpack(read.packed, read.unpacked);
      // A block may have pieces of several members, a member pieces of several blocks.
      for (let index = next; index < members.length; index += 1) {
        const member = members[index];
        if (member === undefined || member.file.offset >= position + bytes.length) break;
        const from = Math.max(0, member.file.offset - position);
        const to = Math.min(bytes.length, member.file.offset + member.file.size - position);
        if (to > from) member.sink.write(bytes.subarray(from, to));
      }
      position += bytes.length;
      endWhole();
      sinceTurn += bytes.length;
      if (sinceTurn > TURN_BYTES) {
        sinceTurn = 0;
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
    const unfinished = members[next];
    if (unfinished !== undefined)
      throw unreadableCabinet(this.#name, `its data ends within ${unfinished.file.name}`);
  }

  #readBlock(at: number, folder: CabinetFolder) {
    const headerSize = BLOCK_HEADER_BYTES + this.#header.blockReserve;
    if (at + headerSize > folder.dataEnd)
      throw unreadableCabinet(this.#name, 'a block lies outside of its folder');
    const block = parseBlockHeader(this.#read(at, BLOCK_HEADER_BYTES), this.#name);
    const end = at + headerSize + block.packed;
    if (end > folder.dataEnd) throw unreadableCabinet(this.#name, 'a block lies outside of its folder');
    const packed = this.#read(at + headerSize, block.packed);
    // Zero: the writer computed none, which the format allows.
    if (block.checksum !== 0 && checksumOfBlock(packed, block) !== block.checksum)
      throw unreadableCabinet(this.#name, 'the checksum of a block differs');
    return { packed, unpacked: block.unpacked, end };
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, position + done);
      if (count === 0) throw unreadableCabinet(this.#name, 'it is cut off');
      done += count;
    }
    return bytes;
  }
}

function unpackerOf(folder: CabinetFolder, name: string): Unpack {
  const { compression } = folder;
  switch (compression.kind) {
    case 'none':
      return (packed, unpacked) => {
        if (packed.length !== unpacked) throw unreadableCabinet(name, 'a stored block has two sizes');
        return packed;
      };
    case 'mszip':
      return inflater(name);
    case 'lzx': {
      const decoder = new LzxDecoder(compression.windowBits);
      return (packed, unpacked) => {
        try {
          return decoder.decode(packed, unpacked);
        } catch (error) {
          throw unreadableCabinet(
            name,
            `an LZX block is wrong: ${error instanceof Error ? error.message : ''}`,
          );
        }
      };
    }
  }
}

/** MSZIP ([MS-MCI]): each block is "CK" and a deflate stream of its own, whose matches may reach 32 KiB back. */
function inflater(name: string): Unpack {
  let history: Buffer = Buffer.alloc(0);
  return (packed, unpacked) => {
    if (packed[0] !== 0x43 || packed[1] !== 0x4b)
      throw unreadableCabinet(name, 'an MSZIP block lacks its mark');
    let bytes: Buffer;
    try {
      bytes = inflateRawSync(packed.subarray(2), {
        maxOutputLength: unpacked,
        chunkSize: CABINET_LIMITS.unpackedBlock,
        ...(history.length === 0 ? {} : { dictionary: history }),
      });
    } catch {
      throw unreadableCabinet(name, 'an MSZIP block cannot be inflated');
    }
    if (bytes.length !== unpacked)
      throw unreadableCabinet(name, 'an MSZIP block has another size than it says');
    history = bytes.length >= HISTORY ? bytes : Buffer.concat([history, bytes]).subarray(-HISTORY);
    return bytes;
  };
}
