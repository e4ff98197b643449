import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDebianMirror } from '../lab/real/mirror.ts';
import { installRequirements, reasonAgainstRealLab } from '../lab/real/requirements.ts';
import { build } from './build.ts';
import { BROWSER_PACKAGES, ensureDebianPackages } from './debian-packages.ts';
import { hasDisplay, openVirtualDisplay, withDisplay } from './display.ts';
import { ensureElectron } from './electron-runtime.ts';
import { runQuietly, runVisibly } from './processes.ts';
import { say, SetupError } from './say.ts';
import { NO_REASON, type TestTally } from './skip-reporter.ts';

const PARTS = ['unit', 'integration', 'scenarios', 'e2e', 'lab'] as const;
type Part = (typeof PARTS)[number];

function isPart(word: string): word is Part {
  return (PARTS as readonly string[]).includes(word);
}

/**
 * `npm test`: all parts of the suite. `npm test -- unit e2e` runs only those; other words go to vitest (a file, `-t name`).
 * The part that works in the real lab mostly waits for endpoints, so it runs beside the others and shows its output when
 * it has ended. Ends with what failed, every reason for a skip, and one line of sums.
 */
export async function runTests(args: readonly string[]): Promise<number> {
  const chosen = args.filter(isPart);
  const rest = args.filter((word) => !isPart(word));
  const parts = chosen.length > 0 ? chosen : PARTS;
  const scratch = mkdtempSync(join(tmpdir(), 'sallyport-tests-'));
  const results: Result[] = [];
  try {
    if (parts.includes('lab') && parts.length > 1) {
      await prepareBoth(parts.includes('e2e'));
      const lab = runPart('lab', rest, scratch, true);
      for (const part of parts.filter((name) => name !== 'lab'))
        results.push(await runPart(part, rest, scratch));
      say('tests: waiting for those in the real lab');
      results.push(await lab);
    } else {
      for (const part of parts) results.push(await runPart(part, rest, scratch));
    }
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

/** What two parts would install at the same time, and apt lets only one of them: before they begin. */
async function prepareBoth(withE2e: boolean): Promise<void> {
  try {
    if ((await reasonAgainstRealLab()) === undefined) {
      await installRequirements(say);
      await findDebianMirror(say);
    }
    if (withE2e) {
      await build();
      await ensureElectron();
      await withDisplay(() => Promise.resolve());
      ensureDebianPackages('a page in a browser', BROWSER_PACKAGES);
    }
  } catch (error) {
    // The part that needs it says so again, where it is counted.
    if (!(error instanceof Error)) throw error;
    say(error.message);
  }
}

/** @param quiet keep what it prints until it has ended */
async function runPart(part: Part, rest: readonly string[], scratch: string, quiet = false): Promise<Result> {
  const began = performance.now();
  const file = join(scratch, `${part}.json`);
  let printed = '';
  const run: Run = async (command, args, env) => {
    if (!quiet) return runVisibly(command, args, env);
    const { code, output } = await runQuietly(command, args, env);
    printed += output;
    return code;
  };
  const vitest = (env: NodeJS.ProcessEnv = process.env): Promise<number> =>
    run('vitest', ['run', '--project', part, '--passWithNoTests', ...rest], {
      ...env,
      SALLYPORT_TALLY: file,
    });
  say(`tests: ${part}`);
  let code: number;
  try {
    if (part === 'e2e') code = await withWindow(vitest);
    else code = part === 'lab' ? await withRealLab(vitest, run) : await vitest();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // A part that this machine cannot run is a failure of the run, said where it is counted.
    say(error.message);
    code = 1;
  }
  if (quiet) process.stdout.write(`\n== tests: ${part}\n${printed}`);
  // A run that ended without a tally has died: whatever it would have counted, that is a failure.
  const died: TestTally = {
    ...{ passed: 0, failed: 1, skipped: 0, todo: 0, skips: {} },
    failures: ['it ended before it could count'],
  };
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

type Run = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<number>;

/**
 * Runs the tests with the real lab up, where it can be built; elsewhere each test in it skips and says why. The lab's
 * own tests come last (vitest.config.ts): they take it down and up again.
 */
async function withRealLab(vitest: (env: NodeJS.ProcessEnv) => Promise<number>, run: Run): Promise<number> {
  const env = { ...process.env, SALLYPORT_LAB_NAME: process.env['SALLYPORT_LAB_NAME'] ?? TEST_LAB };
  const reason = await reasonAgainstRealLab();
  if (reason !== undefined) {
    say(`tests in the real lab are left out: ${reason}`);
    return vitest(env);
  }
  const lab = (...words: string[]): Promise<number> =>
    run(process.execPath, ['test/lab/lab.ts', ...words], env);
  const up = await lab('up');
  if (up !== 0) throw new SetupError(`The real lab could not be built (exit code ${String(up)}); see above.`);
  // A display of its own, because the one of the windows' part ends with that part.
  const display = hasDisplay() ? undefined : await openVirtualDisplay();
  try {
    return await vitest(display === undefined ? env : { ...env, DISPLAY: display.name });
  } finally {
    display?.close();
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
    lines.push(...tally.failures.map((failure) => `    failed: ${failure}`));
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
