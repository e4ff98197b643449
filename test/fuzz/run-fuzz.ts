import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';

/** `npm run fuzz -- [--count 100000] [--seed N]`: prints its seed, so that a crash can be seen again. */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
process.stdout.write(`seed ${seed}\n`);
process.stdout.write(
  `${JSON.stringify(await fuzz(seed, Number(values.count), { watchdog: true }), null, 1)}\n`,
);
