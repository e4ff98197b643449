import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reasonAgainstRealLab } from '../lab/real/requirements.ts';
import { build } from './build.ts';
import { withDisplay } from './display.ts';
import { ensureElectron } from './electron-runtime.ts';
import { runVisibly } from './processes.ts';
import { say, SetupError } from './say.ts';
import { NO_REASON, type TestTally } from './skip-reporter.ts';

const PARTS = ['unit', 'integration', 'scenarios', 'e2e'] as const;
type Part = (typeof PARTS)[number];

function isPart(word: string): word is Part {
  return (PARTS as readonly string[]).includes(word);
}

/**
 * `npm test`: all parts of the suite, one after another. `npm test -- unit e2e` runs only those; other words go to vitest
 * (a file, `-t name`). Ends with every reason for a skip and one line of sums.
 */
export async function runTests(args: readonly string[]): Promise<number> {
  const chosen = args.filter(isPart);
  const rest = args.filter((word) => !isPart(word));
  const parts = chosen.length > 0 ? chosen : PARTS;
  const scratch = mkdtempSync(join(tmpdir(), 'sallyport-tests-'));
  const results: Result[] = [];
  try {
    for (const part of parts) results.push(await runPart(part, rest, scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return summarise(results);
}

interface Result {
  readonly part: Part;
  readonly tally: TestTally;
  readonly code: number;
  readonly seconds: number;
}

async function runPart(part: Part, rest: readonly string[], scratch: string): Promise<Result> {
  const began = performance.now();
  const file = join(scratch, `${part}.json`);
  const vitest = (): Promise<number> =>
    runVisibly('vitest', ['run', '--project', part, '--passWithNoTests', ...rest], {
      ...process.env,
      SALLYPORT_TALLY: file,
    });
  say(`tests: ${part}`);
  let code: number;
  try {
    if (part === 'e2e') code = await withWindow(vitest);
    else code = part === 'integration' ? await withRealLab(vitest) : await vitest();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // A part that this machine cannot run is a failure of the run, said where it is counted.
    say(error.message);
    code = 1;
  }
  // A run that ended without a tally has died: whatever it would have counted, that is a failure.
  const died: TestTally = { passed: 0, failed: 1, skipped: 0, todo: 0, skips: {} };
  const tally = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as TestTally) : died;
  if (code !== 0 && tally.failed === 0) tally.failed = 1;
  return { part, tally, code, seconds: (performance.now() - began) / 1000 };
}

async function withWindow(vitest: () => Promise<number>): Promise<number> {
  await build();
  await ensureElectron();
  return withDisplay(() => vitest());
}

/** A lab of the tests' own, so that a person's lab stays as it is. */
const TEST_LAB = 'sallyport-lab-test';

/**
 * Runs the tests with the real lab up, where it can be built; elsewhere each test in it skips and says why. The lab's
 * own tests come last (vitest.config.ts): they take it down and up again.
 */
async function withRealLab(vitest: () => Promise<number>): Promise<number> {
  process.env['SALLYPORT_LAB_NAME'] ??= TEST_LAB;
  const reason = await reasonAgainstRealLab();
  if (reason !== undefined) {
    say(`tests in the real lab are left out: ${reason}`);
    return vitest();
  }
  const lab = (...words: string[]): Promise<number> =>
    runVisibly(process.execPath, ['test/lab/lab.ts', ...words]);
  const up = await lab('up');
  if (up !== 0) throw new SetupError(`The real lab could not be built (exit code ${String(up)}); see above.`);
  try {
    return await vitest();
  } finally {
    await lab('down');
  }
}

function summarise(results: readonly Result[]): number {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [''];
  for (const { part, tally, seconds } of results) {
    sum.passed += tally.passed;
    sum.failed += tally.failed;
    sum.skipped += tally.skipped + tally.todo;
    lines.push(
      `${part.padEnd(12)} ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped + tally.todo} skipped  (${seconds.toFixed(0)} s)`,
    );
    for (const [reason, names] of Object.entries(tally.skips)) {
      lines.push(`    skipped ${names.length}: ${reason}`);
      if (reason === NO_REASON) lines.push(...names.map((name) => `        ${name}`));
    }
    if (tally.todo > 0) lines.push(`    todo ${tally.todo}`);
  }
  const unexplained = results.some(({ tally }) => tally.skips[NO_REASON] !== undefined);
  if (unexplained)
    lines.push('A test was skipped and does not say why: that counts as a failure of the run.');
  lines.push(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return sum.failed > 0 || unexplained || sum.passed === 0 ? 1 : 0;
}
