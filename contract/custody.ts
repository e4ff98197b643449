import { z } from 'zod';
import { Instant } from './vocabulary.ts';

/** One medium of a bundle, as it was put in. */
export const ArrivalView = z.strictObject({
  volume: z.number(),
  volumes: z.number(),
  arrivedAt: Instant,
  importedBy: z.string(),
  /** Who brought it, as the importing person said. */
  carrier: z.string().nullable(),
  label: z.string().nullable(),
  serial: z.string().nullable(),
  /** Whether the system read the serial or a person typed it. */
  serialFrom: z.enum(['system', 'person']).nullable(),
  fileSystem: z.string().nullable(),
  /** Objects and parts on it. */
  files: z.number(),
});

/** Chain of custody of a bundle: who built it, from what, who brought it on which media, and what was looked for in it. */
export const CustodyView = z.strictObject({
  /** As the builder says under the bundle's signature; `null` when it does not. */
  builtBy: z.string().nullable(),
  builtWith: z.string().nullable(),
  sources: z.array(z.strictObject({ name: z.string(), date: z.string(), signedBy: z.array(z.string()) })),
  /** In the order they came; an interrupted or repeated import shows the medium again. */
  media: z.array(ArrivalView),
  /** `null` for a bundle that was imported before there was a scan, or not imported. */
  malware: z
    .strictObject({
      status: z.enum(['clean', 'not-scanned']),
      /** `ClamAV 1.4.6` */
      engine: z.string().nullable(),
      /** `daily:27500 main:62` */
      database: z.string().nullable(),
      /** Objects looked into for this import; others were known clean by the same database, or here before. */
      scanned: z.number(),
      /** Objects that are too large for the engine. */
      tooLarge: z.number(),
      /** Why nothing was scanned. */
      reason: z.string().nullable(),
    })
    .nullable(),
  /** Vendors' signatures, looked at once more on this machine. */
  vendorSignatures: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['verified', 'not-rechecked']),
      /** Fingerprints of the vendor's keys. */
      keys: z.array(z.string()),
      /** Why it was not checked again, or whose word the keys are. */
      note: z.string(),
    }),
  ),
});

/** A mounted medium, as the system describes it. What it says of its bundle is not verified yet. */
export const MediumView = z.strictObject({
  /** Folder to give to an import; the mount point when there is no bundle. */
  folder: z.string(),
  mountPoint: z.string(),
  label: z.string().nullable(),
  serial: z.string().nullable(),
  fileSystem: z.string().nullable(),
  /** Bytes of the file system. */
  size: z.number(),
  /** Bytes of it that a file may still take. */
  free: z.number(),
  readOnly: z.boolean(),
  bundle: z
    .strictObject({
      /** `<stream>/<seq>` */
      id: z.string(),
      volume: z.number(),
      volumes: z.number(),
    })
    .nullable(),
});

/** A vendor's OpenPGP key that a person of the site vouched for. */
export const VendorKeyView = z.strictObject({
  fingerprint: z.string(),
  /** Repository root that it counts for; `*` for all. */
  root: z.string(),
  userId: z.string(),
  pinnedBy: z.string(),
  pinnedAt: Instant,
});
export const PinVendorKey = z.strictObject({
  /** Keyring, binary or in ASCII armour. */
  file: z.string().min(1).max(4_096),
  /** Of the key in it that a person compared with what the vendor publishes. */
  fingerprint: z.string().regex(/^[0-9A-Fa-f]{40}$/),
  root: z.string().regex(/^(?:\*|[a-z0-9][a-z0-9.-]{0,63})$/),
});

export const ImportBundle = z.strictObject({
  folder: z.string().min(1).max(4_096),
  /** Who brought the medium. */
  carrier: z.string().trim().min(1).max(200).optional(),
  /** What is written on it, where the system can't read a serial. */
  mediumSerial: z.string().trim().min(1).max(200).optional(),
  /** Why a bundle that is too old, or a clock that signed times contradict, is taken all the same; recorded. */
  reason: z.string().trim().min(1).max(500).optional(),
});

export const VerifyMedia = z.strictObject({
  /** Of one bundle or several; each holds `metadata`, `bundles` and `blobs`. */
  folders: z.array(z.string().min(1).max(4_096)).min(1).max(999),
  /** That hash at once; 1 is best for discs and disks that spin. Absent: one a processor, at most 4. */
  threads: z.int().min(1).max(64).optional(),
});
