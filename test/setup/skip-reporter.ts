import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/** What one vitest process did, as run-tests.ts sums it up. */
export interface TestTally {
  passed: number;
  failed: number;
  skipped: number;
  todo: number;
  /** Reason -> full names of the tests that were skipped for it. */
  skips: Record<string, string[]>;
  /** What failed, each with the first line of what it said. */
  failures: string[];
}

/** Characters: a line of the summary. */
const LONGEST_MESSAGE = 300;

export const NO_REASON = 'no reason given';

/** A suite or test that is skipped says why in its name: `describe.skip('name [skipped: reason]')`, or by `context.skip(reason)`. */
const REASON_IN_NAME = /\[skipped: ([^\]]+)\]/;

/** Prints at the end why tests were skipped, and writes, with what failed, the tally to the file named by SALLYPORT_TALLY, if any. */
export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tally: TestTally = { passed: 0, failed: 0, skipped: 0, todo: 0, skips: {}, failures: [] };
    addErrors(tally, 'outside of any test', unhandled);
    for (const module of modules) {
      const file = module.relativeModuleId;
      // A file or suite that fails outside its tests (an import, a beforeAll) counts, even when no test ran.
      addErrors(tally, file, module.errors());
      for (const suite of module.children.allSuites())
        addErrors(tally, `${file} > ${suite.fullName}`, suite.errors());
      for (const test of module.children.allTests()) addTest(tally, test);
    }
    printSkips(tally);
    const file = process.env['SALLYPORT_TALLY'];
    if (file !== undefined) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(tally, null, 2)}\n`);
    }
  }
}

function addErrors(tally: TestTally, where: string, errors: readonly SerializedError[]): void {
  tally.failed += errors.length;
  tally.failures.push(...errors.map((error) => tellFailure(where, error)));
}

function tellFailure(where: string, error: SerializedError | undefined): string {
  const [line = ''] = stripVTControlCharacters(error?.message ?? 'no message').split('\n');
  return `${where}: ${line.slice(0, LONGEST_MESSAGE)}`;
}

function addTest(tally: TestTally, test: TestCase): void {
  const result = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  if (result.state === 'passed') tally.passed += 1;
  else if (result.state === 'failed') {
    tally.failed += 1;
    tally.failures.push(tellFailure(name, result.errors[0]));
  } else if (test.options.mode === 'todo') tally.todo += 1;
  else {
    tally.skipped += 1;
    const note = result.state === 'skipped' ? result.note : undefined;
    const reason = note ?? REASON_IN_NAME.exec(test.fullName)?.[1] ?? NO_REASON;
    (tally.skips[reason] ??= []).push(name);
  }
}

function printSkips(tally: TestTally): void {
  for (const [reason, names] of Object.entries(tally.skips)) {
    process.stdout.write(`skipped ${String(names.length)}: ${reason}\n`);
    for (const name of names.slice(0, 3)) process.stdout.write(`    ${name}\n`);
    if (names.length > 3) process.stdout.write(`    and ${String(names.length - 3)} more\n`);
  }
}
