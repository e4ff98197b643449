import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files by name, but the lab's own tests last: they take down the lab that the others work in. */
class LabLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = (file: TestSpecification): string =>
      `${file.moduleId.endsWith('/lab-itself.test.ts') ? '1' : '0'}${file.moduleId}`;
    return files.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }
}

/** Tests of the real lab, which work on the same three endpoints. */
const LAB = 'test/integration/*lab*.test.ts';

/**
 * Five parts of one suite. Time limits are there to end what hangs, not to measure: a machine that does three other things at
 * once is many times slower, and speed is a matter of test/bench/. `unit` runs beside itself on every core; the others share real things (the lab,
 * one Xvfb display), so they run one file after another.
 */
export default defineConfig({
  plugins: [react()],
  test: {
    pool: 'forks',
    restoreMocks: true,
    sequence: { sequencer: LabLast },
    reporters: ['default', './test/setup/skip-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.{ts,tsx}'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: [LAB],
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: [LAB],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
