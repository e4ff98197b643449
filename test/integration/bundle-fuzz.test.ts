import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';

/** The full run: `npm run fuzz -- --count 100000`. */
it(
  'mutated bundles and members are refused by a code, or taken for what they are',
  { timeout: 300_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const report = await fuzz(seed, 2_000);
    expect([seed, report.slowest < 20_000]).toEqual([seed, true]);
    expect(report.memory).toBeLessThan(1024 ** 3);
    expect(Object.keys(report.outcomes).length).toBeGreaterThan(4);
  },
);
