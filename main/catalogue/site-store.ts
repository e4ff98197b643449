import { z } from 'zod';
import { Role } from '../../contract/vocabulary.ts';
import type { Db } from './database.ts';

export interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly publicKey: string;
  readonly keyFingerprint: string;
  readonly keyslot: string;
  readonly createdAt: string;
}

const Roles = z.array(Role);

interface StoredPerson {
  id: string;
  name: string;
  roles: string;
  public_key: string;
  key_fingerprint: string;
  keyslot: string;
  created_at: string;
}

const toPerson = (row: StoredPerson): PersonRow => ({
  id: row.id,
  name: row.name,
  roles: Roles.parse(JSON.parse(row.roles)),
  publicKey: row.public_key,
  keyFingerprint: row.key_fingerprint,
  keyslot: row.keyslot,
  createdAt: row.created_at,
});

/** The site's settings, its persons and its sealed secrets. */
export class SiteStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  getSetting(key: string): string | null {
    return (
      (this.#db.prepare('SELECT value FROM settings WHERE key = ?').pluck().get(key) as string | undefined) ??
      null
    );
  }

  putSetting(key: string, value: string): void {
    this.#db
      .prepare(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      )
      .run(key, value);
  }

  listPersons(): readonly PersonRow[] {
    return (this.#db.prepare('SELECT * FROM persons ORDER BY name').all() as StoredPerson[]).map(toPerson);
  }

  findPerson(nameOrId: string): PersonRow | undefined {
    const row = this.#db.prepare('SELECT * FROM persons WHERE name = ? OR id = ?').get(nameOrId, nameOrId) as
      StoredPerson | undefined;
    return row === undefined ? undefined : toPerson(row);
  }

  insertPerson(person: PersonRow): void {
    this.#db
      .prepare(
        'INSERT INTO persons (id, name, roles, public_key, key_fingerprint, keyslot, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        person.id,
        person.name,
        JSON.stringify(person.roles),
        person.publicKey,
        person.keyFingerprint,
        person.keyslot,
        person.createdAt,
      );
  }

  insertSecret(id: string, sealed: Buffer, createdAt: string): void {
    this.#db
      .prepare('INSERT INTO secrets (id, sealed, created_at) VALUES (?, ?, ?)')
      .run(id, sealed, createdAt);
  }

  getSecret(id: string): Buffer | undefined {
    return this.#db.prepare('SELECT sealed FROM secrets WHERE id = ?').pluck().get(id) as Buffer | undefined;
  }
}
