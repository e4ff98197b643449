import Database from 'better-sqlite3';
import { join } from 'node:path';
import { StoreError } from '../../contract/errors.ts';

/**
 * One engine at a time acts on endpoints of a site. The lease is an exclusive lock on a small SQLite file: the
 * operating system lets go of it when the process dies, however it dies, so there is nothing to expire and no clock to
 * trust (https://www.sqlite.org/lockingv3.html).
 */
export class Lease {
  readonly #path: string;
  #held: Database.Database | null = null;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'engine.lock');
  }

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** @throws StoreError ENGINE_BUSY when another process holds it */
  acquire(): void {
    if (this.#held !== null) return;
    const db = new Database(this.#path, { timeout: 0 });
    try {
      db.pragma('locking_mode = EXCLUSIVE');
      db.exec('BEGIN EXCLUSIVE');
      this.#held = db;
    } catch (error) {
      db.close();
      if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
      throw new StoreError('ENGINE_BUSY', 'Another Sallyport on this machine is at work on this site.', {
        hint: 'Close its window or wait for its command to end, then try again. Reading and deciding work meanwhile.',
        retry: 'same',
        cause: error,
      });
    }
  }

  release(): void {
    this.#held?.close();
    this.#held = null;
  }
}
