/** Bits and prefix codes of LZX: what {@link LzxDecoder} reads its blocks with. */

/** What a stream does not allow; whoever knows the name of the file turns it into a coded failure. */
export class LzxFault extends Error {}

/** Bits of a stream of 16-bit little-endian words, most significant first. Never reads past the end. */
export class BitReader {
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #buffer = 0;
  #left = 0;

  /** Bytes that follow those not read yet. Only between words: the rest of the last word must have been dropped. */
  append(bytes: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at);
    if (rest.length === 0) {
      this.#bytes = bytes;
    } else {
      this.#bytes = new Uint8Array(rest.length + bytes.length);
      this.#bytes.set(rest);
      this.#bytes.set(bytes, rest.length);
    }
    this.#at = 0;
  }

  /** The next 16 bits without taking them; zeros stand for bits after the end. */
  peek16(): number {
    while (this.#left < 16) {
      const low = this.#bytes[this.#at] ?? 0;
      const high = this.#bytes[this.#at + 1] ?? 0;
      this.#at += 2;
      // At most 15 bits are left, so 31 are enough.
      this.#buffer = ((this.#buffer << 16) | (high << 8) | low) & 0x7fff_ffff;
      this.#left += 16;
    }
    return (this.#buffer >>> (this.#left - 16)) & 0xffff;
  }

  skip(count: number): void {
    this.#left -= count;
  }

  /** @param count 0 to 16 */
  take(count: number): number {
    if (count === 0) return 0;
    const value = this.peek16() >>> (16 - count);
    this.#left -= count;
    return value;
  }

  /** Up to 24 bits, the more significant first. */
  takeLong(count: number): number {
    if (count <= 16) return this.take(count);
    const high = this.take(count - 16);
    return high * 65_536 + this.take(16);
  }

  /** Drops the rest of the word that is being read; returns whether there was a rest. */
  align(): boolean {
    // A word that was looked at but not begun is given back.
    while (this.#left >= 16) {
      this.#left -= 16;
      this.#at -= 2;
    }
    const had = this.#left > 0;
    this.#left = 0;
    return had;
  }

  /** Drops 1 to 16 bits, so that whole bytes follow. */
  alignToBytes(): void {
    if (!this.align()) this.#at += 2;
    this.assertNotPastEnd();
  }

  /** Bytes as they are; only after {@link alignToBytes}. */
  takeBytes(count: number): Uint8Array {
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    if (bytes.length < count) throw new LzxFault('it ends too early');
    this.#at += count;
    return bytes;
  }

  /** @throws LzxFault when bits were taken that the stream does not have */
  assertNotPastEnd(): void {
    const unbegun = this.#left >> 4;
    if (this.#at - unbegun * 2 > this.#bytes.length) throw new LzxFault('it ends too early');
  }
}

/** Longest code that is looked up in one step. */
const DIRECT_BITS = 10;
const MAX_BITS = 16;

/** A canonical prefix code, from the lengths of its symbols' codes; may be read again and again for new lengths. */
export class PrefixCode {
  readonly lengths: Uint8Array;
  /** By the next bits: symbol and length (`symbol << 5 | length`), 0 when the code is longer. */
  readonly #direct = new Uint32Array(1 << DIRECT_BITS);
  readonly #symbols: Uint16Array;
  /** By length: code after the last of it, aligned to 16 bits, and where its symbols begin. */
  readonly #limits = new Uint32Array(MAX_BITS + 1);
  readonly #starts = new Int32Array(MAX_BITS + 1);
  #isEmpty = true;

  constructor(symbols: number) {
    this.lengths = new Uint8Array(symbols);
    this.#symbols = new Uint16Array(symbols);
  }

  /**
   * Builds the tables from {@link lengths}.
   *
   * @throws LzxFault when the lengths are no complete code; no symbol at all is an empty code, which nothing may use
   */
  build(): void {
    const counts = new Uint32Array(MAX_BITS + 1);
    for (const length of this.lengths) counts[length] = (counts[length] ?? 0) + 1;
    counts[0] = 0;
    let code = 0;
    let place = 0;
    const next = new Uint32Array(MAX_BITS + 1);
    for (let length = 1; length <= MAX_BITS; length += 1) {
      const count = counts[length] ?? 0;
      next[length] = place;
      // Position of a symbol = start + its code at this length.
      this.#starts[length] = place - (code >>> (MAX_BITS - length));
      place += count;
      code += count << (MAX_BITS - length);
      this.#limits[length] = code;
    }
    this.#isEmpty = place === 0;
    if (!this.#isEmpty && code !== 1 << MAX_BITS) throw new LzxFault('a table of codes is not complete');
    for (let symbol = 0; symbol < this.lengths.length; symbol += 1) {
      const length = this.lengths[symbol] ?? 0;
      if (length === 0) continue;
      const at = next[length] ?? 0;
      this.#symbols[at] = symbol;
      next[length] = at + 1;
    }
    this.#fillDirect();
  }

  #fillDirect(): void {
    this.#direct.fill(0);
    let from = 0;
    let place = 0;
    for (let length = 1; length <= DIRECT_BITS; length += 1) {
      const end = (this.#limits[length] ?? 0) >>> (MAX_BITS - DIRECT_BITS);
      const span = 1 << (DIRECT_BITS - length);
      while (from < end) {
        this.#direct.fill(((this.#symbols[place] ?? 0) << 5) | length, from, from + span);
        from += span;
        place += 1;
      }
    }
  }

  read(bits: BitReader): number {
    const ahead = bits.peek16();
    const entry = this.#direct[ahead >>> (MAX_BITS - DIRECT_BITS)] ?? 0;
    if (entry !== 0) {
      bits.skip(entry & 31);
      return entry >>> 5;
    }
    if (this.#isEmpty) throw new LzxFault('it uses a table of codes that is empty');
    let length = DIRECT_BITS + 1;
    while (length < MAX_BITS && ahead >= (this.#limits[length] ?? 0)) length += 1;
    bits.skip(length);
    return this.#symbols[(this.#starts[length] ?? 0) + (ahead >>> (MAX_BITS - length))] ?? 0;
  }
}
