/** Numbers that a seed decides: the same seed gives the same run (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}

const SPITEFUL = [
  '../',
  '\0',
  '-1',
  '99999999999999999999',
  '\u{feff}',
  '%s',
  '"',
  '\n\n',
  '[[[[',
  '{"a":',
  'é',
  '/',
] as const;

/** Some bytes changed, cut, doubled, swapped or put in. */
export function mutate(bytes: Uint8Array, dice: Dice): Uint8Array {
  let result = Buffer.from(bytes);
  for (let times = 1 + dice.below(4); times > 0; times -= 1) {
    const at = dice.below(result.length + 1);
    const to = Math.min(result.length, at + 1 + dice.below(64));
    switch (dice.below(6)) {
      case 0:
        if (at < result.length) result[at] = (result[at] ?? 0) ^ (1 << dice.below(8));
        break;
      case 1:
        result = result.subarray(0, at);
        break;
      case 2:
        result = Buffer.concat([result.subarray(0, to), result.subarray(at)]);
        break;
      case 3:
        result = Buffer.concat([result.subarray(0, at), result.subarray(to)]);
        break;
      case 4:
        result = Buffer.concat([
          result.subarray(0, at),
          Buffer.from(dice.pick(SPITEFUL)),
          result.subarray(at),
        ]);
        break;
      default:
        result.fill(dice.below(256), at, to);
    }
  }
  return result;
}
