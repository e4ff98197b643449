import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVector } from './vector.ts';
import { VECTORS } from './vectors.ts';

/** `node test/vectors/tuf/generate.ts`: writes the vectors anew. Keys and dates are fixed, so the bytes are too. */
const dir = import.meta.dirname;
for (const name of readdirSync(dir)) if (name.endsWith('.json')) rmSync(join(dir, name));
for (const vector of VECTORS) writeFileSync(join(dir, `${vector.name}.json`), formatVector(vector));
process.stdout.write(`${VECTORS.length} vectors\n`);
