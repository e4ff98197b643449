import { runQuietly, type Finished } from './processes.ts';

interface Tool {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Longest first: two run at a time. */
const TOOLS: readonly Tool[] = [
  { name: 'lint', command: 'eslint', args: ['.'] },
  { name: 'types', command: 'tsc', args: ['-b'] },
  { name: 'dead code', command: 'knip', args: ['--no-progress'] },
  {
    name: 'boundaries',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'contract', 'main', 'preload', 'renderer', 'test'],
  },
  {
    name: 'format',
    command: 'prettier',
    args: ['--check', '--log-level', 'warn', '--cache', '--cache-location', '.cache/prettier', '.'],
  },
];

const AT_A_TIME = 2;

/** `npm run check`: every tool runs to its end, so that one run shows everything. Exit code 1 when any of them objects. */
export async function check(names: readonly string[]): Promise<number> {
  const queue = TOOLS.filter((tool) => names.length === 0 || names.includes(tool.name));
  const failed: string[] = [];
  const worker = async (): Promise<void> => {
    for (let tool = queue.shift(); tool !== undefined; tool = queue.shift()) {
      const began = performance.now();
      const finished = await runQuietly(tool.command, tool.args);
      report(tool.name, finished, (performance.now() - began) / 1000);
      if (finished.code !== 0) failed.push(tool.name);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  process.stdout.write(failed.length === 0 ? 'check: all good\n' : `check: failed: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
}

function report(name: string, { code, output }: Finished, seconds: number): void {
  const verdict = code === 0 ? 'ok    ' : 'FAILED';
  process.stdout.write(`${verdict} ${name.padEnd(12)} ${seconds.toFixed(1)} s\n`);
  // What a passing tool prints is a list of warnings worth seeing, or its own "all fine", which is not.
  if (code !== 0 || /warning/i.test(output)) process.stdout.write(`${output.trim()}\n`);
}
