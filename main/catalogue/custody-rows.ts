import type { Arrival } from '../core/bundle/custody.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import type { Db } from './database.ts';

type BundleKey = Pick<BundleReference, 'stream' | 'seq' | 'manifestSha256'>;

/** Notes a medium of a bundle. Inside the caller's transaction. */
export function writeArrival(db: Db, bundle: BundleKey, arrival: Arrival): void {
  const { medium } = arrival;
  db.prepare(
    `INSERT INTO arrivals (stream, seq, manifest_sha256, volume, volumes, arrived_at, imported_by, carrier, label,
       serial, serial_from, file_system, files)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    bundle.stream,
    bundle.seq,
    bundle.manifestSha256,
    arrival.volume,
    arrival.volumes,
    arrival.arrivedAt,
    arrival.importedBy,
    arrival.carrier,
    medium.label,
    medium.serial,
    medium.serialFrom,
    medium.fileSystem,
    arrival.files,
  );
}

/** Notes that a bundle waits for more media. Inside the caller's transaction. */
export function writeWaiting(db: Db, bundle: BundleKey, objects: readonly ManifestObject[]): void {
  const insert = db.prepare(
    'INSERT INTO waiting_objects (stream, seq, sha256) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  for (const { sha256 } of objects) insert.run(bundle.stream, bundle.seq, sha256);
}

/** A bundle was imported: it waits no more, and older ones of its stream never will be. */
export function endWaiting(db: Db, bundle: BundleKey): void {
  db.prepare('DELETE FROM waiting_objects WHERE stream = ? AND seq <= ?').run(bundle.stream, bundle.seq);
}

export const readWaiting = (db: Db): readonly string[] =>
  db.prepare('SELECT DISTINCT sha256 FROM waiting_objects').pluck().all() as string[];

interface ArrivalRow extends Omit<Arrival, 'medium'> {
  readonly label: string | null;
  readonly serial: string | null;
  readonly serialFrom: 'system' | 'person' | null;
  readonly fileSystem: string | null;
}

/** The media that one bundle came on, in the order they were put in. */
export function readArrivals(db: Db, bundle: BundleKey): Arrival[] {
  const rows = db
    .prepare(
      `SELECT volume, volumes, arrived_at AS arrivedAt, imported_by AS importedBy, carrier, label, serial,
         serial_from AS serialFrom, file_system AS fileSystem, files
       FROM arrivals WHERE stream = ? AND seq = ? AND manifest_sha256 = ? ORDER BY id`,
    )
    .all(bundle.stream, bundle.seq, bundle.manifestSha256) as ArrivalRow[];
  return rows.map(({ label, serial, serialFrom, fileSystem, ...rest }) => ({
    ...rest,
    medium: { label, serial, serialFrom, fileSystem },
  }));
}
