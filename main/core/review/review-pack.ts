import { z } from 'zod';
import { ReviewError } from '../../../contract/errors.ts';
import type { Plan } from '../plan.ts';

/**
 * A review pack: everything that a customer needs to decide about one plan, far from the site. It is the payload of a
 * signed envelope; the site keeps its bytes for ever, because what the customer saw is what may be installed.
 */
export const PACK_TYPE = 'application/vnd.sallyport.review-pack+json';

const text = (max: number): z.ZodString => z.string().max(max);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const patchSchema = z.strictObject({
  /** Of the package file: what a decision binds. */
  sha256,
  package: text(256).min(1),
  arch: text(64),
  version: text(256).min(1),
  source: text(256),
  severity: text(64),
  urgency: text(64),
  security: z.boolean(),
  cves: z.array(text(32)).max(5_000),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  /** Asked for, or pulled in by another patch of the list. */
  requested: z.boolean(),
  endpoints: z
    .array(z.strictObject({ id: text(64).min(1), name: text(256), from: text(256).nullable() }))
    .min(1)
    .max(100_000),
});

const packSchema = z.strictObject({
  format: z.literal('sallyport-review-pack/1'),
  packId: text(64).min(1),
  siteId: text(64).min(1),
  siteName: text(256),
  /** Protective marking, for example OFFICIAL. */
  marking: text(128),
  approvalId: text(64).min(1),
  planId: text(64).min(1),
  planDigest: sha256,
  /** Random: a decision answers one pack and no other. */
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  createdAt: z.iso.datetime(),
  createdBy: text(256),
  /** The last moment at which a decision counts. */
  cutOffAt: z.iso.datetime(),
  /** Different persons that must approve. */
  approvers: z.number().int().min(1).max(5),
  patches: z.array(patchSchema).min(1).max(200_000),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type ReviewPack = DeepReadonly<z.infer<typeof packSchema>>;
export type PackPatch = ReviewPack['patches'][number];

/** What is known of one package version, for a row of the pack. */
export type PatchFacts = Omit<
  PackPatch,
  'sha256' | 'package' | 'arch' | 'version' | 'requested' | 'endpoints'
>;

/** One row for each distinct package file of a plan, sorted by source, then package. */
export function patchesOf(plan: Plan, factsOf: (sha256: string, name: string) => PatchFacts): PackPatch[] {
  const rows = new Map<string, PackPatch>();
  for (const { endpointId: id, endpointName: name, packages } of plan.endpoints) {
    for (const item of packages) {
      const row = rows.get(item.sha256) ?? {
        ...factsOf(item.sha256, item.name),
        ...{ sha256: item.sha256, package: item.name, arch: item.arch, version: item.to },
        ...{ requested: false, endpoints: [] },
      };
      rows.set(item.sha256, {
        ...row,
        requested: row.requested || item.requested,
        endpoints: [...row.endpoints, { id, name, from: item.from }],
      });
    }
  }
  const key = (row: PackPatch): string => `${row.source}\n${row.package}\n${row.arch}\n${row.sha256}`;
  return [...rows.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/**
 * Reads a pack whose signature holds, or whose reader was told that it does not.
 *
 * @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID
 */
export function parsePack(json: string, file: string): ReviewPack {
  return parsePayload(packSchema, 'sallyport-review-pack', json, file);
}

/** Reads a payload by its schema; a format of a later version is told apart from a broken file. */
export function parsePayload<T>(schema: z.ZodType<T>, format: string, json: string, file: string): T {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema refuses null.
  }
  const said = (value as { format?: unknown } | null)?.format;
  if (typeof said === 'string' && said !== `${format}/1` && said.startsWith(`${format}/`)) {
    throw new ReviewError('REVIEW_VERSION_UNKNOWN', `${file} is written in a format of a later Sallyport.`, {
      hint: 'Open it with the version that wrote it, or a newer one.',
      subject: { file },
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new ReviewError(
    'REVIEW_CONTENT_INVALID',
    `${file} is malformed at ${place === '' ? 'its top level' : place}.`,
    {
      hint: 'Ask for the file again.',
      subject: { file },
    },
  );
}
