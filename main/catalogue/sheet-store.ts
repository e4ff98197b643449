import type { Db } from './database.ts';

export interface SheetRow {
  /** Of the file. */
  readonly sha256: string;
  readonly packId: string;
  readonly fileName: string;
  /** As it came. */
  readonly file: Uint8Array;
  readonly saidBy: string;
  /** Canonical JSON of the rows that were read from it. */
  readonly decided: string;
  readonly importedAt: string;
  readonly importedBy: string;
}

export interface Countersignature {
  readonly sheetSha256: string;
  /** Of the statement. */
  readonly sha256: string;
  readonly personId: string;
  readonly statement: string;
  /** Base64. */
  readonly signature: string;
  readonly signedAt: string;
}

/** Oldest first; one a person at most. */
export type KnownSheet = SheetRow & { readonly countersignatures: readonly Countersignature[] };

/** Spreadsheets that came back and who stands for them. Nothing in it is ever changed. */
export class SheetStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  insertSheet(sheet: SheetRow): void {
    this.#db
      .prepare(
        `INSERT INTO review_sheets (sha256, pack_id, file_name, file, said_by, decided, imported_at, imported_by)
         VALUES (@sha256, @packId, @fileName, @file, @saidBy, @decided, @importedAt, @importedBy)`,
      )
      .run(sheet);
  }

  insertCountersignature(countersignature: Countersignature): void {
    this.#db
      .prepare(
        `INSERT INTO review_countersignatures (sheet_sha256, sha256, person_id, statement, signature, signed_at)
         VALUES (@sheetSha256, @sha256, @personId, @statement, @signature, @signedAt)`,
      )
      .run(countersignature);
  }

  /** Of one pack, or all; oldest first. */
  list(packId?: string): readonly KnownSheet[] {
    return packId === undefined ? this.#sheets('') : this.#sheets('WHERE s.pack_id = ?', packId);
  }

  countCountersigned(packId: string): number {
    return this.#db
      .prepare(
        `SELECT count(*) FROM review_countersignatures c JOIN review_sheets s ON s.sha256 = c.sheet_sha256
         WHERE s.pack_id = ?`,
      )
      .pluck()
      .get(packId) as number;
  }

  find(sha256: string): KnownSheet | undefined {
    return this.#sheets('WHERE s.sha256 = ?', sha256)[0];
  }

  #sheets(where: string, ...values: string[]): KnownSheet[] {
    const rows = this.#db
      .prepare(
        `SELECT s.sha256, s.pack_id AS packId, s.file_name AS fileName, s.file, s.said_by AS saidBy, s.decided,
           s.imported_at AS importedAt, s.imported_by AS importedBy FROM review_sheets s ${where} ORDER BY s.row`,
      )
      .all(...values) as SheetRow[];
    const signed = this.#db.prepare(
      `SELECT sheet_sha256 AS sheetSha256, sha256, person_id AS personId, statement, signature, signed_at AS signedAt
       FROM review_countersignatures WHERE sheet_sha256 = ? ORDER BY signed_at, person_id`,
    );
    return rows.map((sheet) => ({
      ...sheet,
      countersignatures: signed.all(sheet.sha256) as Countersignature[],
    }));
  }
}
