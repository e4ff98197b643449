import type { Db } from './database.ts';
import { StoreError } from '../../contract/errors.ts';
import { migration as siteMigration } from './migrations/0010-site.ts';
import { migration as catalogueMigration } from './migrations/0020-catalogue.ts';
import { migration as ecosystemsMigration } from './migrations/0030-ecosystems.ts';
import { migration as trustMigration } from './migrations/0040-trust.ts';
import { migration as custodyMigration } from './migrations/0045-custody.ts';
import { migration as checksMigration } from './migrations/0046-checks.ts';
import { migration as rpmMigration } from './migrations/0050-rpm.ts';
import { migration as windowsMigration } from './migrations/0055-windows.ts';
import { migration as riskMigration } from './migrations/0060-risk.ts';
import { migration as bundleContentMigration } from './migrations/0061-bundle-content.ts';
import { migration as searchMigration } from './migrations/0070-search.ts';
import { migration as fleetMigration } from './migrations/0071-fleet.ts';
import { migration as collectMigration } from './migrations/0080-collect.ts';
import { migration as reviewsMigration } from './migrations/0090-reviews.ts';
import { migration as reachMigration } from './migrations/0100-reach.ts';
import { migration as reAnchorMigration } from './migrations/0110-re-anchor.ts';
import { migration as agentsMigration } from './migrations/0120-agents.ts';
import { migration as policiesMigration } from './migrations/0130-policies.ts';
import { migration as queueMigration } from './migrations/0140-queue.ts';
import { migration as deskMigration } from './migrations/0150-desk.ts';
import { migration as raciMigration } from './migrations/0160-raci.ts';
import { migration as sheetsMigration } from './migrations/0170-sheets.ts';
import { migration as speakersMigration } from './migrations/0180-speakers.ts';
import { migration as noticesMigration } from './migrations/0200-notices.ts';
import { migration as keyComparisonsMigration } from './migrations/0210-key-comparisons.ts';
import { migration as deskStatementsMigration } from './migrations/0220-desk-statements.ts';
import { migration as packFactsMigration } from './migrations/0230-pack-facts.ts';
import { migration as packExportsMigration } from './migrations/0240-pack-exports.ts';
import { migration as sameBytesMigration } from './migrations/0250-same-bytes.ts';
import { migration as handsMigration } from './migrations/0260-hands.ts';
import { migration as noticeCustomersMigration } from './migrations/0270-notice-customers.ts';
import { migration as countersignaturesMigration } from './migrations/0280-countersignatures.ts';

/** One step of the schema. Numbers leave gaps of ten so that two branches can add steps without a clash. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  up(db: Db): void;
}

/** Every migration there is, oldest first. Steps are only ever added at the end. */
export const MIGRATIONS: readonly Migration[] = [
  siteMigration,
  catalogueMigration,
  ecosystemsMigration,
  trustMigration,
  custodyMigration,
  checksMigration,
  rpmMigration,
  windowsMigration,
  riskMigration,
  bundleContentMigration,
  searchMigration,
  fleetMigration,
  collectMigration,
  reviewsMigration,
  reachMigration,
  reAnchorMigration,
  agentsMigration,
  policiesMigration,
  queueMigration,
  deskMigration,
  raciMigration,
  sheetsMigration,
  speakersMigration,
  noticesMigration,
  keyComparisonsMigration,
  deskStatementsMigration,
  packFactsMigration,
  packExportsMigration,
  sameBytesMigration,
  handsMigration,
  noticeCustomersMigration,
  countersignaturesMigration,
];

/**
 * Applies what is missing, each step and its bookkeeping row in one transaction.
 *
 * @throws StoreError STORE_FROM_THE_FUTURE when the file was written by a newer Sallyport,
 *   STORE_MIGRATION_UNKNOWN when the applied steps are no prefix of ours
 */
export function migrate(db: Db, migrations: readonly Migration[] = MIGRATIONS): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT',
  );
  const applyPending = db.transaction(() => {
    const applied = db.prepare('SELECT version, name FROM schema_migrations ORDER BY version').all() as {
      version: number;
      name: string;
    }[];
    const newest = migrations.at(-1)?.version ?? 0;
    const last = applied.at(-1)?.version ?? 0;
    if (last > newest) {
      throw new StoreError(
        'STORE_FROM_THE_FUTURE',
        `The database is at version ${last}, this Sallyport knows ${newest}.`,
        { hint: 'Open it with the newer Sallyport that wrote it.' },
      );
    }
    for (const [index, row] of applied.entries()) {
      const known = migrations[index];
      if (known?.version !== row.version || known.name !== row.name) {
        throw new StoreError(
          'STORE_MIGRATION_UNKNOWN',
          `The database carries migration ${row.version} (${row.name}) out of order.`,
          { hint: 'It was changed by something other than Sallyport. Restore it from a backup.' },
        );
      }
    }
    for (const step of migrations.slice(applied.length)) {
      step.up(db);
      db.prepare('INSERT INTO schema_migrations (version, name) VALUES (?, ?)').run(step.version, step.name);
    }
  });
  applyPending.immediate();
}
