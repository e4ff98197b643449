import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import type { LabLayout } from './layout.ts';
import { isAlive } from './processes.ts';

/** Only one process at a time builds or removes a lab. A lock whose holder is gone counts for nothing. */
export async function underLock<T>(layout: LabLayout, work: () => Promise<T>): Promise<T> {
  const lock = `/run/${layout.name}.lock`;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, `${process.pid}`);
      closeSync(file);
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST') || attempt > 1) throw error;
      const holder = Number(readFileSync(lock, 'utf8'));
      if (holder > 0 && isAlive(holder)) {
        throw new LabError('LAB_BUSY', `Process ${holder} is bringing the lab up or down (lock ${lock})`);
      }
      rmSync(lock, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
