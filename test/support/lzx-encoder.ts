/**
 * A plain LZX encoder, to have cabinets to read: nothing in Debian writes them. It looks for matches with a small hash
 * and gives its codes lengths that differ by at most one; cabextract judges whether what it writes is LZX.
 */

export interface LzxOptions {
  readonly windowBits: number;
  /** Kind of each block by turns. */
  readonly kinds: readonly ('verbatim' | 'aligned' | 'uncompressed')[];
  /** Bytes of a block; blocks may go on over frames. */
  readonly blockSize: number;
  /** Size that x86 calls are translated with; 0 for none. */
  readonly translationSize?: number;
}

const FRAME = 32_768;
const SLOTS: Readonly<Record<number, number>> = { 15: 30, 16: 32, 17: 34, 18: 36, 19: 38, 20: 42, 21: 50 };
const footerBits = (slot: number): number => (slot < 4 ? 0 : Math.min(17, (slot >> 1) - 1));

class BitWriter {
  readonly #bytes: number[] = [];
  #word = 0;
  #used = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) {
      this.#word = (this.#word << 1) | (Math.floor(value / 2 ** bit) & 1);
      this.#used += 1;
      if (this.#used === 16) {
        this.#bytes.push(this.#word & 0xff, this.#word >> 8);
        this.#word = 0;
        this.#used = 0;
      }
    }
  }

  align(): void {
    if (this.#used > 0) this.put(0, 16 - this.#used);
  }

  /** 1 to 16 zero bits. */
  alignToBytes(): void {
    this.put(0, 16 - this.#used);
  }

  putBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }

  /** What was written since the last call; only at a whole word. */
  drain(): Uint8Array {
    return Uint8Array.from(this.#bytes.splice(0));
  }
}

/** Code lengths of a complete code in which the used symbols' lengths differ by at most one. */
function flatLengths(used: ReadonlySet<number>, symbols: number): Uint8Array {
  const chosen = new Set(used);
  for (let symbol = 0; chosen.size < 2; symbol += 1) chosen.add(symbol);
  const bits = Math.ceil(Math.log2(chosen.size));
  let short = 2 ** bits - chosen.size;
  const lengths = new Uint8Array(symbols);
  for (const symbol of [...chosen].sort((a, b) => a - b)) {
    lengths[symbol] = short > 0 && bits > 1 ? bits - 1 : bits;
    short -= 1;
  }
  return lengths;
}

function codesOf(lengths: Uint8Array): number[] {
  const codes: number[] = [];
  let code = 0;
  for (let length = 1; length <= 16; length += 1) {
    lengths.forEach((own, symbol) => {
      if (own !== length) return;
      codes[symbol] = code >>> (16 - length);
      code += 1 << (16 - length);
    });
  }
  return codes;
}

type Token =
  { readonly literal: number } | { readonly slot: number; readonly footer: number; readonly length: number };

class Matcher {
  readonly #data: Uint8Array;
  readonly #window: number;
  readonly #last = new Map<number, number>();
  readonly recent: [number, number, number] = [1, 1, 1];

  constructor(data: Uint8Array, windowBits: number) {
    this.#data = data;
    this.#window = 2 ** windowBits;
  }

  next(at: number, limit: number): Token & { readonly size: number } {
    const data = this.#data;
    const key = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    const before = this.#last.get(key);
    this.#last.set(key, at);
    const candidates = [
      ...this.recent.map((offset) => at - offset),
      ...(before === undefined ? [] : [before]),
    ];
    let best = { from: -1, length: 0 };
    for (const from of candidates) {
      if (from < 0 || at - from > this.#window - 3) continue;
      let length = 0;
      while (length < 257 && at + length < limit && data[from + length] === data[at + length]) length += 1;
      if (length > best.length) best = { from, length };
    }
    if (best.length < 3) return { literal: data[at] ?? 0, size: 1 };
    return { ...this.#place(at - best.from), length: best.length, size: best.length };
  }

  #place(offset: number): { slot: number; footer: number } {
    const { recent } = this;
    const known = recent.indexOf(offset);
    if (known >= 0) {
      if (known > 0) [recent[0], recent[known]] = [offset, recent[0]];
      return { slot: known, footer: 0 };
    }
    recent.unshift(offset);
    recent.length = 3;
    let slot = 3;
    let base = 3;
    while (offset + 2 >= base + 2 ** footerBits(slot)) {
      base += 2 ** footerBits(slot);
      slot += 1;
    }
    return { slot, footer: offset + 2 - base };
  }
}

function translate(data: Uint8Array, size: number): Uint8Array {
  const copy = data.slice();
  const view = new DataView(copy.buffer);
  for (let start = 0; start < copy.length; start += FRAME) {
    const end = Math.min(start + FRAME, copy.length);
    for (let at = start; at < end - 10;) {
      if (copy[at] !== 0xe8) {
        at += 1;
        continue;
      }
      const target = view.getInt32(at + 1, true);
      if (target >= -at && target < size)
        view.setInt32(at + 1, target + at < size ? target + at : target - size, true);
      at += 5;
    }
  }
  return copy;
}

/** @returns the packed bytes of each frame of 32 KiB */
export function encodeLzx(plain: Uint8Array, options: LzxOptions): Uint8Array[] {
  const translationSize = options.translationSize ?? 0;
  const data = translationSize === 0 ? plain : translate(plain, translationSize);
  const out = new BitWriter();
  const matcher = new Matcher(data, options.windowBits);
  const mainSymbols = 256 + 8 * (SLOTS[options.windowBits] ?? 0);
  let mainBefore: Uint8Array = new Uint8Array(mainSymbols);
  let lengthsBefore: Uint8Array = new Uint8Array(249);
  const frames: Uint8Array[] = [];
  out.put(translationSize === 0 ? 0 : 1, 1);
  if (translationSize > 0) out.put(translationSize, 32);

  const putLengths = (now: Uint8Array, before: Uint8Array, from: number, to: number): void => {
    // A code for all 20 symbols: twelve of four bits, eight of five.
    for (let symbol = 0; symbol < 20; symbol += 1) out.put(symbol < 12 ? 4 : 5, 4);
    const pre = codesOf(Uint8Array.from({ length: 20 }, (_, symbol) => (symbol < 12 ? 4 : 5)));
    const put = (symbol: number): void => out.put(pre[symbol] ?? 0, symbol < 12 ? 4 : 5);
    for (let at = from; at < to;) {
      let run = 1;
      while (at + run < to && now[at + run] === now[at]) run += 1;
      const difference = ((before[at] ?? 0) - (now[at] ?? 0) + 17) % 17;
      if (now[at] === 0 && run >= 20) {
        run = Math.min(run, 51);
        put(18);
        out.put(run - 20, 5);
      } else if (now[at] === 0 && run >= 4) {
        run = Math.min(run, 19);
        put(17);
        out.put(run - 4, 4);
      } else if (run >= 4) {
        run = Math.min(run, 5);
        put(19);
        out.put(run - 4, 1);
        put(difference);
      } else {
        run = 1;
        put(difference);
      }
      at += run;
    }
  };
  const endFrame = (at: number): void => {
    if (at % FRAME !== 0 && at !== data.length) return;
    out.align();
    frames.push(out.drain());
  };

  let position = 0;
  for (let block = 0; position < data.length; block += 1) {
    const kind = options.kinds[block % options.kinds.length] ?? 'verbatim';
    const end = Math.min(data.length, position + options.blockSize);
    out.put({ verbatim: 1, aligned: 2, uncompressed: 3 }[kind], 3);
    out.put(end - position, 24);
    if (kind === 'uncompressed') {
      out.alignToBytes();
      const offsets = new DataView(new ArrayBuffer(12));
      matcher.recent.forEach((offset, index) => {
        offsets.setUint32(index * 4, offset, true);
      });
      out.putBytes(new Uint8Array(offsets.buffer));
      const isOdd = (end - position) % 2 === 1;
      while (position < end) {
        const stop = Math.min(end, (Math.floor(position / FRAME) + 1) * FRAME);
        out.putBytes(data.subarray(position, stop));
        position = stop;
        if (position === end && isOdd) out.putBytes(Uint8Array.of(0));
        endFrame(position);
      }
      continue;
    }
    const tokens: (Token & { readonly size: number })[] = [];
    for (let at = position; at < end;) {
      const token = matcher.next(at, Math.min(end, (Math.floor(at / FRAME) + 1) * FRAME));
      tokens.push(token);
      at += token.size;
    }
    const mainUsed = new Set<number>();
    const lengthsUsed = new Set<number>();
    const symbolOf = (token: Token): number =>
      'literal' in token ? token.literal : 256 + token.slot * 8 + Math.min(7, token.length - 2);
    for (const token of tokens) {
      mainUsed.add(symbolOf(token));
      if ('length' in token && token.length >= 9) lengthsUsed.add(token.length - 9);
    }
    const main = flatLengths(mainUsed, mainSymbols);
    const lengths = lengthsUsed.size === 0 ? new Uint8Array(249) : flatLengths(lengthsUsed, 249);
    // Not all of one length, so that the order of codes counts.
    const alignedLengths = Uint8Array.of(1, 3, 3, 4, 4, 4, 5, 5);
    const alignedCodes = codesOf(alignedLengths);
    if (kind === 'aligned') for (const length of alignedLengths) out.put(length, 3);
    putLengths(main, mainBefore, 0, 256);
    putLengths(main, mainBefore, 256, mainSymbols);
    putLengths(lengths, lengthsBefore, 0, 249);
    mainBefore = main;
    lengthsBefore = lengths;
    const mainCodes = codesOf(main);
    const lengthCodes = codesOf(lengths);
    for (const token of tokens) {
      const symbol = symbolOf(token);
      out.put(mainCodes[symbol] ?? 0, main[symbol] ?? 0);
      if ('length' in token) {
        if (token.length >= 9) out.put(lengthCodes[token.length - 9] ?? 0, lengths[token.length - 9] ?? 0);
        const bits = footerBits(token.slot);
        if (kind === 'aligned' && bits >= 3) {
          out.put(token.footer >> 3, bits - 3);
          out.put(alignedCodes[token.footer & 7] ?? 0, alignedLengths[token.footer & 7] ?? 0);
        } else {
          out.put(token.footer, bits);
        }
      }
      position += token.size;
      endFrame(position);
    }
  }
  return frames;
}
