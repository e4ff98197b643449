import { dirname } from 'node:path';
import { peakMemory } from './harness/peak-memory.ts';
import { readOfflineScan } from '../../main/collect/read-offline-scan.ts';

/** Reads one scan file and tells how many updates it has and how much memory that took at the peak, in bytes. */
const [, , file = ''] = process.argv;
const { updates } = await readOfflineScan(file, { scratchDir: dirname(file) });
process.stdout.write(JSON.stringify({ updates: updates.length, memory: peakMemory() }));
