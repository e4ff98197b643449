import { z } from 'zod';
import { Instant, Sha256 } from './vocabulary.ts';

/** Absolute path on the machine that collects. */
const path = z.string().min(1).max(4_096);
/** The last part of a repository's base address: `debian`, `debian-security`. */
const root = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9.-]*$/);

/** A file on the machine that collects, or an address that it fetches. */
const place = z.string().min(1).max(2_048);

/** Where vendor content comes from, beside what this machine's own apt is set up with. `null`: the default, or none. */
export const CollectSources = z.strictObject({
  /** Base addresses of apt and RPM repositories. */
  mirrors: z.array(z.strictObject({ root, address: z.string().min(1).max(2_048) })).max(64),
  /** Keyring that apt's repositories are checked with. */
  keyring: path.nullable(),
  /** Public keys of vendors of RPM packages, as they publish them. */
  vendorKeys: z.array(path).max(64),
  /** Roots of RPM repositories that are taken though nobody signed them. */
  unsignedRoots: z.array(root).max(64),
  /** Folder of Microsoft's updates, with `wsusscn2.cab` and what else tells of them. */
  microsoft: path.nullable(),
  /** Vendors' advisories; what each is, its content says. */
  advisories: z.array(place).max(64),
  /** CISA's known exploited vulnerabilities. */
  kev: place.nullable(),
  /** FIRST's EPSS scores. */
  epss: place.nullable(),
  /** Keeps what was fetched, so that nothing is fetched twice. */
  downloadFolder: path.nullable(),
  /** Through which everything is fetched: `http://proxy.example:3128`. `null`: none. */
  proxy: z
    .string()
    .max(2_048)
    .regex(/^https?:\/\/[^\s/@]+\/?$/)
    .nullable(),
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
  /** `baseline`: it names repositories only, and means the newest of everything in them. */
  kind: z.enum(['needs-list', 'baseline']),
  /** Name of the file it came in. */
  name: z.string(),
  openedAt: Instant,
  openedBy: z.string(),
  /** When the site wrote it; of a baseline, which does not say, when it was opened. */
  createdAt: Instant,
  platforms: z.array(
    z.strictObject({
      manager: z.enum(['apt', 'dnf']),
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
  windows: z.array(
    z.strictObject({
      build: z.string(),
      architecture: z.string(),
      products: z.array(z.string()),
      /** Articles installed on every endpoint of the platform. */
      installed: z.number(),
    }),
  ),
  /** What the site has already; `null` where it said nothing of it. */
  holdings: z.strictObject({ stream: z.string(), seq: z.number(), objects: z.number() }).nullable(),
});
export type NeedsListView = z.infer<typeof NeedsListView>;

const Stream = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);
const SiteName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/);

export const BuildBundle = z.strictObject({
  /** Ids of needs-lists and baselines, which are merged. */
  needs: z.array(Sha256).min(1).max(64),
  /** New or empty folder. */
  folder: path,
  /** Of the signing keys. */
  passphrase: z.string().min(1).max(1_000),
  /** Leave nothing out, also what the sites have. */
  full: z.boolean().default(false),
  /** Keeps a register of what this site is given; what it was given before is left out. */
  site: SiteName.nullable().default(null),
  /** Sequence of bundles that it belongs to; that of the needs-list when `null`. */
  stream: Stream.nullable().default(null),
  /** Bytes that fit on one medium: the bundle is spread over as many as it needs. `null`: one of any size. */
  volumeBytes: z.number().int().positive().nullable().default(null),
  /** Larger files are cut into parts of this many bytes. `null`: 1 GiB. */
  partBytes: z.number().int().positive().nullable().default(null),
});

/** What a build gave. Result of the operation. */
export const BuiltBundle = z.strictObject({
  stream: z.string(),
  seq: z.number(),
  base: z.number(),
  folder: z.string(),
  /** Folder of each medium, in their order. */
  volumes: z.array(z.string()).default([]),
  /** Whose register it is in; `null` for none. */
  site: z.string().nullable().default(null),
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
  /** What the download folder lost after the build; of builds of old nothing is said. */
  pruned: z.strictObject({ files: z.number(), bytes: z.number() }).optional(),
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
  /** Lists that risk is judged by, with their own dates. */
  feeds: z
    .array(z.strictObject({ feed: z.enum(['cisa-kev', 'first-epss']), version: z.string(), date: Instant }))
    .default([]),
  missing: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  unmet: z.array(z.string()),
  /** Packages whose changelog could not be read: what they fix is known from advisories only. */
  withoutChangelog: z.array(z.string()).default([]),
  /** Names of the needs-lists it was built for. */
  needs: z.array(z.string()),
});
export type BuiltBundle = z.infer<typeof BuiltBundle>;

/** What a site was given, as the register in the folder of the keys says. */
export const SiteRegisterView = z.strictObject({
  site: z.string(),
  /** Newest first. */
  bundles: z.array(
    z.strictObject({
      stream: z.string(),
      seq: z.number(),
      /** The bundle of the same stream that it builds on; 0 for none. */
      base: z.number(),
      createdAt: Instant,
      objects: z.number(),
      bytes: z.number(),
    }),
  ),
});
export type SiteRegisterView = z.infer<typeof SiteRegisterView>;

/** A bundle that never arrived: it and those that build on it are given again. */
export const TakeBack = z.strictObject({ site: SiteName, stream: Stream, seq: z.number().int().positive() });

export const WriteToMedium = z.strictObject({
  /** Of the built bundle. */
  manifestSha256: Sha256,
  /** Which of its media, from 1. */
  volume: z.number().int().min(1).max(999).default(1),
  /** On the medium: new or empty. */
  folder: path,
});
