import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/** What one vitest process did, as run-tests.ts sums it up. */
export interface TestTally {
  passed: number;
  failed: number;
  skipped: number;
  todo: number;
  /** Reason -> full names of the tests that were skipped for it. */
  skips: Record<string, string[]>;
}

export const NO_REASON = 'no reason given';

/** A suite or test that is skipped says why in its name: `describe.skip('name [skipped: reason]')`, or by `context.skip(reason)`. */
const REASON_IN_NAME = /\[skipped: ([^\]]+)\]/;

/** Prints at the end why tests were skipped, and writes the tally to the file named by SALLYPORT_TALLY, if any. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tally: TestTally = { passed: 0, failed: unhandled.length, skipped: 0, todo: 0, skips: {} };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      // A file or suite that fails outside its tests (an import, a beforeAll) counts, even when no test ran.
      tally.failed += module.errors().length;
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
      for (const test of tests) addTest(tally, test);
    }
    printSkips(tally);
    const file = process.env['SALLYPORT_TALLY'];
    if (file !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(tally, null, 2)}\n`);
    }
  }
}

function addTest(tally: TestTally, test: TestCase): void {
  const result = test.result();
  if (result.state === 'passed') tally.passed += 1;
  else if (result.state === 'failed') tally.failed += 1;
  else if (test.options.mode === 'todo') tally.todo += 1;
  else {
    tally.skipped += 1;
    const note = result.state === 'skipped' ? result.note : undefined;
    const reason = note ?? REASON_IN_NAME.exec(test.fullName)?.[1] ?? NO_REASON;
    (tally.skips[reason] ??= []).push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }
}

function printSkips(tally: TestTally): void {
  for (const [reason, names] of Object.entries(tally.skips)) {
    process.stdout.write(`skipped ${String(names.length)}: ${reason}\n`);
    for (const name of names.slice(0, 3)) process.stdout.write(`    ${name}\n`);
    if (names.length > 3) process.stdout.write(`    and ${String(names.length - 3)} more\n`);
  }
}
