import { expect, it } from 'vitest';
import { fuzz } from '../fuzz/fuzz.ts';

/** The full run: `npm run fuzz -- --count 100000`. */
it(
  'mutated bundles and members are refused by a code, or taken for what they are',
  { timeout: 900_000 },
  async () => {
    const seed = Math.floor(Math.random() * 1e9);
    const report = await fuzz(seed, 2_000);
    expect([seed, report.slowest < 20_000]).toEqual([seed, true]);
    expect(report.peakMemory).toBeLessThan(1024 ** 3);
    // What lies behind signature and hash is reached.
    expect(Object.keys(report.signedOutcomes).length).toBeGreaterThan(4);
    expect(Object.keys(report.outcomes).length).toBeGreaterThan(4);
  },
);

it('a case that takes too long is named and fails the run', async () => {
  await expect(fuzz(1, 50, { caseMs: 0.001 })).rejects.toThrow(/^case \d+ of seed 1 took longer/);
});
