import { readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench } from './harness/measure.ts';
import { allMet, formatTable, toJson } from './harness/table.ts';

/**
 * `npm run bench`: lists the benches. `npm run bench -- <name>`: measures ours and its peer by turns on this machine
 * and prints the medians beside the goal. Exit code 0: every goal met; 1: not.
 */
const USAGE = 'npm run bench -- <name> [--rounds 5] [--json]';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('-process.ts') && file !== 'bench.ts')
  .map((file) => file.slice(0, -'.ts'.length));

const load = async (name: string): Promise<Bench> =>
  ((await import(`./${name}.ts`)) as { readonly bench: Bench }).bench;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } },
});
const [name] = positionals;
const rounds = Number(values.rounds);

if (name === undefined) {
  process.stdout.write(`${USAGE}\n\n`);
  for (const each of names) process.stdout.write(`  ${each.padEnd(20)} ${(await load(each)).about}\n`);
} else if (!names.includes(name) || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`${USAGE}\n  benches: ${names.join(', ')}\n`);
  process.exitCode = 2;
} else {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const bench = await load(name);
  const load1 = loadavg()[0] ?? 0;
  say(`${name}: ${bench.about}`);
  const results = await bench.measure(rounds, (line) => say(`  ${line}`));
  say(
    `  median of ${rounds}; ${availableParallelism()} processors, load ${load1.toFixed(1)} before and ${(loadavg()[0] ?? 0).toFixed(1)} after; Node ${process.versions.node}`,
  );
  process.stdout.write(
    values.json ? `${JSON.stringify(toJson(name, results), null, 1)}\n` : `${formatTable(results)}\n`,
  );
  process.exitCode = allMet(results) ? 0 : 1;
}
