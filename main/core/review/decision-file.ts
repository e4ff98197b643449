import { z } from 'zod';
import { ReviewError } from '../../../contract/errors.ts';
import { canonicalJson } from '../plan.ts';
import { parsePayload } from './payload.ts';
import type { ReviewPack } from './review-pack.ts';

/** What a customer decided about each patch of one pack; the payload of a signed envelope. */
export const DECISION_TYPE = 'application/vnd.sallyport.decision+json';

const text = (max: number): z.ZodString => z.string().max(max);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const decidedRowSchema = z.strictObject({
  /** SHA-256 of the package file. */
  patch: sha256,
  verdict: z.enum(['approve', 'reject', 'defer', 'ask']),
  /** Must be given for reject, defer and ask: the question. */
  reason: text(2_000).default(''),
  /** Defer: until when. */
  until: z.iso.datetime().nullable().default(null),
  /** Defer: what protects meanwhile. Must be given; files signed before that was so lack it, and are read as they are. */
  control: text(2_000).default(''),
});

const decisionSchema = z.strictObject({
  format: z.literal('sallyport-decision-file/1'),
  siteId: text(64).min(1),
  packId: text(64).min(1),
  /** Of the pack's payload: exactly what was shown. */
  packSha256: sha256,
  planDigest: sha256,
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  cutOffAt: z.iso.datetime(),
  decidedAt: z.iso.datetime(),
  /** As the person calls themself; the signature says who it is. */
  decidedBy: text(256),
  rows: z.array(decidedRowSchema).min(1).max(200_000),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type DecisionFile = DeepReadonly<z.infer<typeof decisionSchema>>;
export type DecidedRow = DecisionFile['rows'][number];

/** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
export function parseDecision(json: string, file: string): DecisionFile {
  return parsePayload(decisionSchema, 'sallyport-decision-file', json, file);
}

/** The bytes that are signed, as text: equal decisions have equal texts. */
export function formatDecision(decision: DecisionFile): string {
  return canonicalJson(decision);
}

/**
 * What is wrong with the rows as an answer to a pack, whoever signed them. The Review side asks before it signs, the site
 * asks again before it believes.
 *
 * @throws ReviewError REVIEW_PATCH_UNKNOWN, REVIEW_PATCH_TWICE, REVIEW_INCOMPLETE, REVIEW_REASON_MISSING,
 *   REVIEW_DEFERRAL_INVALID, REVIEW_CONTROL_MISSING
 */
export function requireCompleteRows(rows: readonly DecidedRow[], pack: ReviewPack, decidedAt: string): void {
  const open = new Map(pack.patches.map((patch) => [patch.sha256, patch]));
  const seen = new Set<string>();
  const refuse = (code: ReviewError['code'], message: string, hint: string): ReviewError =>
    new ReviewError(code, message, { hint, subject: { pack: pack.packId } });
  for (const row of rows) {
    if (seen.has(row.patch)) {
      throw refuse('REVIEW_PATCH_TWICE', `Patch ${row.patch} is decided twice.`, 'Decide each patch once.');
    }
    seen.add(row.patch);
    const patch = open.get(row.patch);
    if (patch === undefined) {
      throw refuse(
        'REVIEW_PATCH_UNKNOWN',
        `Patch ${row.patch} is not in this pack.`,
        'The decision speaks of other content than what was shown. Decide on the pack itself.',
      );
    }
    const name = `${patch.package} ${patch.version}`;
    if (row.verdict !== 'approve' && row.reason.trim() === '') {
      throw refuse(
        'REVIEW_REASON_MISSING',
        `${name} is not approved, and no reason is given.`,
        'Give a reason.',
      );
    }
    if (row.verdict === 'defer' && (row.until === null || Date.parse(row.until) <= Date.parse(decidedAt))) {
      throw refuse(
        'REVIEW_DEFERRAL_INVALID',
        `${name} is deferred, but not until a later day.`,
        'Say until when.',
      );
    }
    if (row.verdict === 'defer' && row.control.trim() === '') {
      throw refuse(
        'REVIEW_CONTROL_MISSING',
        `${name} is deferred, and nothing is said of what protects meanwhile.`,
        'Name the compensating control.',
      );
    }
  }
  const isAwaited = explicitlyDecided(pack);
  const missing = pack.patches.filter((patch) => !seen.has(patch.sha256) && isAwaited(patch));
  if (rows.length === 0 && missing.length === 0) {
    throw refuse(
      'REVIEW_INCOMPLETE',
      'No patch is decided, so there is nothing to sign.',
      'Decide on one patch at least, or sign nothing: what the policies say of silence holds without a signature.',
    );
  }
  if (missing.length > 0) {
    throw refuse(
      'REVIEW_INCOMPLETE',
      `${missing.length} of ${pack.patches.length} patches are undecided, ${missing[0]?.package ?? ''} first.`,
      'Decide every patch. Nothing is taken from silence.',
    );
  }
}

/**
 * Which patches need a word: all but those whose every group has an opt-out policy, where silence at the cut-off is a yes, and those on
 * which the policies leave nothing to decide.
 */
export function explicitlyDecided(pack: ReviewPack): (patch: ReviewPack['patches'][number]) => boolean {
  const optOut = new Set(
    pack.groups.filter(({ policy }) => policy?.mode === 'opt-out').map(({ name }) => name),
  );
  const groupOf = new Map(pack.endpoints.map(({ id, group }) => [id, group]));
  return (patch) =>
    patch.standing === 'decide' && !patch.endpoints.every(({ id }) => optOut.has(groupOf.get(id) ?? ''));
}
