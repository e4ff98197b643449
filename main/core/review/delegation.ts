import { z } from 'zod';
import { canonicalJson } from '../plan.ts';
import { parsePayload } from './payload.ts';

/** One approver lets another person's key speak for them, until a day; the payload of a signed envelope. */
export const DELEGATION_TYPE = 'application/vnd.sallyport.delegation+json';

const delegationSchema = z.strictObject({
  format: z.literal('sallyport-delegation/1'),
  siteId: z.string().min(1).max(64),
  /** Public key of whoever decides meanwhile: Ed25519, 32 bytes in hex. */
  to: z.string().regex(/^[0-9a-f]{64}$/),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  reason: z.string().max(2_000),
  signedAt: z.iso.datetime(),
  signedBy: z.string().max(256),
});
export type Delegation = Readonly<z.infer<typeof delegationSchema>>;

/** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
export function parseDelegation(json: string, file: string): Delegation {
  return parsePayload(delegationSchema, 'sallyport-delegation', json, file);
}

export function formatDelegation(delegation: Delegation): string {
  return canonicalJson(delegation);
}

/** A delegation whose signature holds, as the site keeps it. */
export interface KeptDelegation {
  /** Who lets another speak for them. */
  readonly fromPerson: string;
  readonly toPerson: string;
  readonly from: string;
  readonly until: string;
  readonly revokedAt: string | null;
  /** The delegator has the role approver and a key that counts, now. */
  readonly delegatorCounts: boolean;
  /** Who compared the delegator's fingerprint. */
  readonly delegatorEnrolledBy: string;
}

const covers = (item: KeptDelegation, at: string): boolean =>
  Date.parse(item.from) <= Date.parse(at) && Date.parse(at) < Date.parse(item.until);

/** By whose right somebody decides who is no approver; a delegation of a delegate is none. */
export function rightOf(
  personId: string,
  at: string,
  delegations: readonly KeptDelegation[],
): KeptDelegation | 'none' | 'not-yet' | 'expired' | 'revoked' {
  const own = delegations.filter((item) => item.toPerson === personId);
  const live = own.find((item) => item.delegatorCounts && item.revokedAt === null && covers(item, at));
  if (live !== undefined) return live;
  if (own.some((item) => item.revokedAt !== null || !item.delegatorCounts)) return 'revoked';
  if (own.some((item) => Date.parse(at) < Date.parse(item.from))) return 'not-yet';
  return own.length > 0 ? 'expired' : 'none';
}

/**
 * Persons who count as one: whoever spoke under somebody's delegation and that somebody. Revoking a delegation takes the right from a
 * word, never makes two voices of one.
 *
 * @param words who spoke, and when the site took it in
 * @returns for each person of `words` the name of their voice
 */
export function voicesOf(
  words: readonly { readonly personId: string; readonly at: string }[],
  delegations: readonly KeptDelegation[],
): ReadonlyMap<string, string> {
  const parent = new Map<string, string>();
  const find = (id: string): string => {
    let at = id;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const { personId, at } of words) {
    for (const item of delegations) {
      if (item.toPerson === personId && covers(item, at)) parent.set(find(personId), find(item.fromPerson));
    }
  }
  return new Map(words.map(({ personId }) => [personId, find(personId)]));
}
