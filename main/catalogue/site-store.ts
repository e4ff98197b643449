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
  /** Their own id: they began the site. `null`: not known. */
  readonly addedBy: string | null;
  /** Who chose the passphrase that opens the keyslot; `null`: not known, or there is none. */
  readonly passphraseBy: string | null;
  /** When their access ended; `null`: it has not. */
  readonly endedAt: string | null;
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
  added_by: string | null;
  passphrase_by: string | null;
  ended_at: string | null;
}

const toPerson = (row: StoredPerson): PersonRow => ({
  id: row.id,
  name: row.name,
  roles: Roles.parse(JSON.parse(row.roles)),
  publicKey: row.public_key,
  keyFingerprint: row.key_fingerprint,
  keyslot: row.keyslot,
  createdAt: row.created_at,
  addedBy: row.added_by,
  passphraseBy: row.passphrase_by,
  endedAt: row.ended_at,
});

const PERSONS = `SELECT p.*,
  CASE WHEN p.roles = '[]' THEN (SELECT max(at) FROM person_roles r WHERE r.person_id = p.id) END AS ended_at
  FROM persons p`;

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
    return (this.#db.prepare(`${PERSONS} ORDER BY p.name`).all() as StoredPerson[]).map(toPerson);
  }

  findPerson(nameOrId: string): PersonRow | undefined {
    const row = this.#db.prepare(`${PERSONS} WHERE p.name = ? OR p.id = ?`).get(nameOrId, nameOrId) as
      StoredPerson | undefined;
    return row === undefined ? undefined : toPerson(row);
  }

  insertPerson(person: Omit<PersonRow, 'endedAt'>): void {
    this.#db
      .prepare(
        `INSERT INTO persons (id, name, roles, public_key, key_fingerprint, keyslot, created_at, added_by, passphrase_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        person.id,
        person.name,
        JSON.stringify(person.roles),
        person.publicKey,
        person.keyFingerprint,
        person.keyslot,
        person.createdAt,
        person.addedBy,
        person.passphraseBy,
      );
  }

  /** The keyslot under a passphrase that the person chose themself. */
  replaceKeys(personId: string, keys: Pick<PersonRow, 'publicKey' | 'keyFingerprint' | 'keyslot'>): void {
    this.#db
      .prepare(
        'UPDATE persons SET public_key = ?, key_fingerprint = ?, keyslot = ?, passphrase_by = id WHERE id = ?',
      )
      .run(keys.publicKey, keys.keyFingerprint, keys.keyslot, personId);
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
