import { z } from 'zod';
import { Instant, Sha256 } from './vocabulary.ts';

/** Absolute path on the machine that collects. */
const path = z.string().min(1).max(4_096);
/** The last part of a repository's base address: `debian`, `debian-security`. */
const root = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9.-]*$/);

/** Where vendor content comes from, beside what this machine's own apt is set up with. `null`: the default. */
export const CollectSources = z.strictObject({
  mirrors: z.array(z.strictObject({ root, address: z.string().min(1).max(2_048) })).max(64),
  /** The vendor's public keys. */
  keyring: path.nullable(),
  /** The vendor's security tracker as JSON, for severities that changelogs don't state. */
  advisoriesFile: path.nullable(),
  /** Keeps what was fetched, so that nothing is fetched twice. */
  downloadFolder: path.nullable(),
});
export type CollectSources = z.infer<typeof CollectSources>;

/** The signing keys as far as one can see without their passphrase. */
export const SigningKeysView = z.strictObject({
  folder: z.string(),
  /** `null`: they are there and whole. Else what is wrong, in a sentence. */
  problem: z.string().nullable(),
  /** Of the first root, which sites pin. `null` where it can't be read. */
  fingerprint: Sha256.nullable(),
  rootVersion: z.number(),
  threshold: z.number(),
  keys: z.number(),
  expiresAt: Instant.nullable(),
});
export type SigningKeysView = z.infer<typeof SigningKeysView>;

export const CollectView = z.strictObject({
  /** `null`: nobody said yet where the keys are. */
  keys: SigningKeysView.nullable(),
  sources: CollectSources,
  defaults: z.strictObject({ keyring: z.string(), downloadFolder: z.string().nullable() }),
  /** The repositories that this machine's own apt is set up with. */
  apt: z.array(z.strictObject({ base: z.string(), suite: z.string() })),
});
export type CollectView = z.infer<typeof CollectView>;

/** One needs-list that was opened: a copy is kept, so that the medium it came on can go. */
export const NeedsListView = z.strictObject({
  /** SHA-256 of the file. */
  id: Sha256,
  /** Name of the file it came in. */
  name: z.string(),
  openedAt: Instant,
  openedBy: z.string(),
  /** When the site wrote it. */
  createdAt: Instant,
  platforms: z.array(
    z.strictObject({
      distribution: z.string(),
      codename: z.string(),
      architecture: z.string(),
      /** Packages in different versions. */
      packages: z.number(),
      repositories: z.array(
        z.strictObject({
          root: z.string(),
          suite: z.string(),
          components: z.array(z.string()),
          /** `null`: no mirror is known. */
          address: z.string().nullable(),
        }),
      ),
    }),
  ),
  /** What the site has already; `null` where it said nothing of it. */
  holdings: z.strictObject({ stream: z.string(), seq: z.number(), objects: z.number() }).nullable(),
});
export type NeedsListView = z.infer<typeof NeedsListView>;

export const BuildBundle = z.strictObject({
  /** Ids of needs-lists, which are merged. */
  needs: z.array(Sha256).min(1).max(64),
  /** New or empty folder. */
  folder: path,
  /** Of the signing keys. */
  passphrase: z.string().min(1).max(1_000),
  /** Leave nothing out, also what the sites have. */
  full: z.boolean().default(false),
});

/** What a build gave. Result of the operation. */
export const BuiltBundle = z.strictObject({
  stream: z.string(),
  seq: z.number(),
  base: z.number(),
  folder: z.string(),
  createdAt: Instant,
  builtBy: z.string(),
  manifestSha256: Sha256,
  fingerprint: Sha256,
  objects: z.number(),
  bytes: z.number(),
  upgrades: z.number(),
  additions: z.number(),
  alreadyHeld: z.number(),
  /** Bytes of these packages. */
  heldBytes: z.number(),
  advisories: z.number(),
  cves: z.number(),
  repositories: z.array(
    z.strictObject({
      root: z.string(),
      suite: z.string(),
      releaseDate: Instant,
      validUntil: Instant.nullable(),
      signedBy: z.array(z.string()),
    }),
  ),
  missing: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  unmet: z.array(z.string()),
  /** Names of the needs-lists it was built for. */
  needs: z.array(z.string()),
});
export type BuiltBundle = z.infer<typeof BuiltBundle>;
