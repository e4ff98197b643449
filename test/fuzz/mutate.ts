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

export const SPITEFUL = [
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

const VALUES: readonly [unknown, ...unknown[]] = [
  null,
  true,
  -1,
  0,
  1.5,
  Number.MAX_SAFE_INTEGER,
  '',
  '../../../../tmp/outside',
  'x'.repeat(5_000),
  'a\u0000b',
  [],
  {},
  [[[[[[[[]]]]]]]],
  { toString: 1, __proto__: 2 },
];

/** One value somewhere in it taken away, doubled, or put in the place of another. @returns a copy */
export function mutateJson(value: unknown, dice: Dice): unknown {
  const copy: unknown = structuredClone(value);
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      walk((holder as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  const place = places[dice.below(places.length)];
  if (place === undefined) return dice.pick(VALUES);
  const { holder, key } = place;
  const before = holder[key];
  switch (dice.below(5)) {
    case 0:
      Reflect.deleteProperty(holder, key);
      break;
    case 1:
      holder[`${key}${dice.pick(SPITEFUL)}`] = before;
      break;
    case 2:
      holder[key] =
        typeof before === 'string' ? Buffer.from(mutate(Buffer.from(before), dice)).toString() : [before];
      break;
    case 3:
      holder[key] = places[dice.below(places.length)]?.holder[key] ?? before;
      break;
    default:
      holder[key] = dice.pick(VALUES);
  }
  return copy;
}
