import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.ts';
import { check } from './check.ts';
import { withDisplay } from './display.ts';
import { projectRoot } from './paths.ts';
import { runVisibly } from './processes.ts';
import { runTests } from './run-tests.ts';
import { EXIT_UNAVAILABLE, say, SetupError } from './say.ts';
import { startWindow } from './start-window.ts';

/** What `npm run <task>` does, once run.mjs has put the packages and Node in place. Resolves to the exit code. */
const TASKS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  test: runTests,
  check,
  start: (args) => withDisplay((virtual) => startWindow(args, virtual)),
  demo: (args) => runScript('test/lab/demo.ts', args),
  lab: (args) => runScript('test/lab/lab.ts', args),
  bench: (args) => runScript('test/bench/bench.ts', args),
  fuzz: (args) => runScript('test/fuzz/run-fuzz.ts', args),
  cli: (args) => runScript('main/cli/sallyport.ts', args),
  async build() {
    await build({ force: true });
    return 0;
  },
  agent: () => runScript('test/setup/build-agent.ts', []),
  format: () => runVisibly('prettier', ['--write', '.']),
  async package(args) {
    await build({ packaged: true });
    return runVisibly('electron-builder', args);
  },
};

function runScript(path: string, args: readonly string[]): Promise<number> {
  if (!existsSync(join(projectRoot, path))) throw new SetupError(`${path} does not exist in this checkout`);
  return runVisibly(process.execPath, [path, ...args]);
}

const [name = '', ...args] = process.argv.slice(2);
const task = TASKS[name];
if (task === undefined) {
  say(`no task is called "${name}"; there are: ${Object.keys(TASKS).join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await task(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = EXIT_UNAVAILABLE;
  }
}
