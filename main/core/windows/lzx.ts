import { BitReader, LzxFault, PrefixCode } from './lzx-codes.ts';

/**
 * Decompresses LZX as cabinets use it, after Microsoft's description of the format ([MS-CAB] names it; [MS-PATCH] 2
 * describes the same coding with longer windows). A window of 2^15 to 2^21 bytes is all the memory it takes.
 *
 * A stream is frames of 32 KiB (the last may be shorter), each in one block of the cabinet. Blocks of the coding, with
 * their tables of codes, go on over frames.
 */

const FRAME = 32_768;
const LITERALS = 256;
const LENGTH_SYMBOLS = 249;
const MIN_MATCH = 2;
const POSITION_SLOTS: Readonly<Record<number, number>> = {
  15: 30,
  16: 32,
  17: 34,
  18: 36,
  19: 38,
  20: 42,
  21: 50,
};
/** Bits that follow a position slot, and the offset at which it begins. */
const FOOTER_BITS = new Uint8Array(51);
const BASE = new Uint32Array(51);
for (let slot = 0, base = 0; slot < 51; slot += 1) {
  const bits = slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1);
  FOOTER_BITS[slot] = bits;
  BASE[slot] = base;
  base += 2 ** bits;
}
/** Frames whose calls are translated: the first GiB. */
const TRANSLATED_FRAMES = 32_768;

export class LzxDecoder {
  readonly #window: Uint8Array;
  readonly #bits = new BitReader();
  readonly #main: PrefixCode;
  readonly #lengths = new PrefixCode(LENGTH_SYMBOLS);
  readonly #aligned = new PrefixCode(8);
  readonly #pre = new PrefixCode(20);
  #position = 0;
  /** The three offsets used last. */
  #r0 = 1;
  #r1 = 1;
  #r2 = 1;
  #kind: 'verbatim' | 'aligned' | 'uncompressed' | null = null;
  #blockLeft = 0;
  #oweByte = false;
  #translationSize: number | null = null;
  #mayHaveCalls = false;
  #frames = 0;
  #produced = 0;
  #sawShortFrame = false;

  /** @param windowBits 15 to 21 */
  constructor(windowBits: number) {
    this.#window = new Uint8Array(2 ** windowBits);
    this.#main = new PrefixCode(LITERALS + 8 * (POSITION_SLOTS[windowBits] ?? 0));
  }

  /**
   * Decodes one frame.
   *
   * @param packed the data of the cabinet's block
   * @param size bytes it unpacks to: 32 KiB, less only in the last one
   * @returns bytes that stay valid until the next call
   * @throws LzxFault
   */
  decode(packed: Uint8Array, size: number): Uint8Array {
    if (this.#sawShortFrame) throw new LzxFault('a frame follows the last one');
    if (size < FRAME) this.#sawShortFrame = true;
    const bits = this.#bits;
    bits.append(packed);
    if (this.#translationSize === null) {
      const isTranslated = bits.take(1) === 1;
      // Not in one expression: the more significant half comes first.
      const high = isTranslated ? bits.take(16) : 0;
      this.#translationSize = isTranslated ? high * 65_536 + bits.take(16) : 0;
    }
    // The window is a multiple of the frame, so a frame never wraps in it.
    if (this.#position === this.#window.length) this.#position = 0;
    const start = this.#position;
    const end = start + size;
    while (this.#position < end) {
      if (this.#blockLeft === 0) this.#beginBlock();
      const from = this.#position;
      const run = Math.min(this.#blockLeft, end - from);
      if (this.#kind === 'uncompressed') {
        this.#window.set(bits.takeBytes(run), from);
        this.#position += run;
      } else {
        this.#decodeRun(from + run, end);
      }
      this.#blockLeft -= this.#position - from;
      if (this.#blockLeft < 0) throw new LzxFault('a match reaches over its block');
      bits.assertNotPastEnd();
    }
    // Raw bytes are aligned as they are; the last word of codes may have a rest.
    if (this.#kind !== 'uncompressed') bits.align();
    const frame = this.#translate(this.#window.subarray(start, end));
    this.#frames += 1;
    this.#produced += size;
    return frame;
  }

  #beginBlock(): void {
    const bits = this.#bits;
    if (this.#oweByte) {
      bits.takeBytes(1);
      this.#oweByte = false;
    }
    const type = bits.take(3);
    this.#blockLeft = bits.takeLong(24);
    if (this.#blockLeft === 0) throw new LzxFault('a block of it is empty');
    bits.assertNotPastEnd();
    switch (type) {
      case 1:
      case 2:
        this.#kind = type === 1 ? 'verbatim' : 'aligned';
        this.#readTables();
        return;
      case 3:
        this.#kind = 'uncompressed';
        this.#mayHaveCalls = true;
        bits.alignToBytes();
        this.#r0 = this.#readOffset();
        this.#r1 = this.#readOffset();
        this.#r2 = this.#readOffset();
        this.#oweByte = this.#blockLeft % 2 === 1;
        return;
      default:
        throw new LzxFault('a block of it has no known type');
    }
  }

  #readOffset(): number {
    const bytes = this.#bits.takeBytes(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  #readTables(): void {
    const bits = this.#bits;
    if (this.#kind === 'aligned') {
      for (let symbol = 0; symbol < 8; symbol += 1) this.#aligned.lengths[symbol] = bits.take(3);
      this.#aligned.build();
    }
    this.#readLengths(this.#main, 0, LITERALS);
    this.#readLengths(this.#main, LITERALS, this.#main.lengths.length);
    this.#main.build();
    if (this.#main.lengths[0xe8] !== 0) this.#mayHaveCalls = true;
    this.#readLengths(this.#lengths, 0, LENGTH_SYMBOLS);
    this.#lengths.build();
  }

  /** Lengths are told as differences from those of the block before, in a small code of their own. */
  #readLengths(code: PrefixCode, from: number, to: number): void {
    const bits = this.#bits;
    for (let symbol = 0; symbol < 20; symbol += 1) this.#pre.lengths[symbol] = bits.take(4);
    this.#pre.build();
    const { lengths } = code;
    for (let at = from; at < to;) {
      const symbol = this.#pre.read(bits);
      let run = 1;
      let value = 0;
      if (symbol === 17) run = bits.take(4) + 4;
      else if (symbol === 18) run = bits.take(5) + 20;
      else {
        let difference = symbol;
        if (symbol === 19) {
          run = bits.take(1) + 4;
          difference = this.#pre.read(bits);
          if (difference > 16) throw new LzxFault('a table of codes is malformed');
        }
        value = ((lengths[at] ?? 0) - difference + 17) % 17;
      }
      if (at + run > to) throw new LzxFault('a table of codes is malformed');
      lengths.fill(value, at, at + run);
      at += run;
    }
    bits.assertNotPastEnd();
  }

  /** Literals and matches up to `until`; a match may go on beyond it, but not beyond the frame. */
  #decodeRun(until: number, frameEnd: number): void {
    const window = this.#window;
    const bits = this.#bits;
    const main = this.#main;
    let position = this.#position;
    while (position < until) {
      const symbol = main.read(bits);
      if (symbol < LITERALS) {
        window[position] = symbol;
        position += 1;
        continue;
      }
      const header = (symbol - LITERALS) & 7;
      const length = MIN_MATCH + (header === 7 ? 7 + this.#lengths.read(bits) : header);
      const offset = this.#matchOffset((symbol - LITERALS) >> 3);
      if (position + length > frameEnd) throw new LzxFault('a match reaches over its frame');
      this.#copyMatch(position, offset, length);
      position += length;
    }
    this.#position = position;
  }

  #matchOffset(slot: number): number {
    if (slot === 0) return this.#r0;
    if (slot === 1) {
      const offset = this.#r1;
      this.#r1 = this.#r0;
      this.#r0 = offset;
      return offset;
    }
    if (slot === 2) {
      const offset = this.#r2;
      this.#r2 = this.#r0;
      this.#r0 = offset;
      return offset;
    }
    const footer = FOOTER_BITS[slot] ?? 0;
    let offset = (BASE[slot] ?? 0) - 2;
    if (this.#kind === 'aligned' && footer >= 3) {
      offset += this.#bits.takeLong(footer - 3) * 8;
      offset += this.#aligned.read(this.#bits);
    } else {
      offset += this.#bits.takeLong(footer);
    }
    this.#r2 = this.#r1;
    this.#r1 = this.#r0;
    this.#r0 = offset;
    return offset;
  }

  #copyMatch(position: number, offset: number, length: number): void {
    const window = this.#window;
    const known = Math.min(window.length, this.#produced + (position % FRAME));
    if (offset === 0 || offset > known) throw new LzxFault('a match reaches before the start');
    const from = position - offset;
    if (offset >= length && from >= 0) {
      window.copyWithin(position, from, from + length);
      return;
    }
    const mask = window.length - 1;
    for (let index = 0; index < length; index += 1)
      window[position + index] = window[(from + index) & mask] ?? 0;
  }

  /** Absolute targets of x86 calls become relative again; in a copy, for the window keeps what was coded. */
  #translate(frame: Uint8Array): Uint8Array {
    const size = this.#translationSize ?? 0;
    if (!this.#mayHaveCalls || size === 0 || this.#frames >= TRANSLATED_FRAMES || frame.length <= 10)
      return frame;
    const copy = frame.slice();
    const view = new DataView(copy.buffer);
    for (let at = 0; at < copy.length - 10;) {
      if (copy[at] !== 0xe8) {
        at += 1;
        continue;
      }
      const position = this.#produced + at;
      const target = view.getInt32(at + 1, true);
      if (target >= -position && target < size)
        view.setInt32(at + 1, target >= 0 ? target - position : target + size, true);
      at += 5;
    }
    return copy;
  }
}
