import { z } from 'zod';
import { canonicalJson } from '../plan.ts';
import { parsePayload } from './payload.ts';

/**
 * What a customer wants for one patch group, signed by one of its approvers; the payload of a signed envelope. A group without one has
 * `DEFAULT_POLICY`: nothing without an explicit yes of one approver.
 */
export const POLICY_TYPE = 'application/vnd.sallyport.policy+json';

const text = (max: number): z.ZodString => z.string().max(max);

/** What an exclusion or a standing approval is about. `*` in a pattern stands for any characters. */
const matchSchema = z.strictObject({
  kind: z.enum(['package', 'kb', 'pattern']),
  /** Name of a binary or source package, `KB5031356`, or a pattern for either. */
  value: text(256).min(1),
});

/** `security`: what the vendor calls a security fix. `other`: everything else. */
export const PATCH_CLASSES = ['security', 'other'] as const;

const policySchema = z.strictObject({
  format: z.literal('sallyport-policy/1'),
  siteId: text(64).min(1),
  customer: text(120).min(1),
  /** Name of the patch group. */
  group: text(80).min(1),
  /** Counts from 1; a later one takes the place of an earlier one, never the other way round. */
  version: z.number().int().min(1).max(1_000_000),
  /** opt-in: nothing without an explicit yes. opt-out: silence at the cut-off means yes. */
  mode: z.enum(['opt-in', 'opt-out']),
  /** Opt-out: a pack counts only if it went out at least so many hours before its cut-off. */
  noticeHours: z.number().int().min(1).max(2_160),
  /** Different persons that must approve; opt-out: of what is approved explicitly before the cut-off. */
  approvers: z.number().int().min(1).max(5),
  classes: z.array(z.enum(PATCH_CLASSES)).min(1),
  /** Never installed, whoever approves, until a later policy says otherwise. */
  exclusions: z.array(z.strictObject({ match: matchSchema, reason: text(2_000).min(3) })).max(1_000),
  /** Approved without asking again, until the day. */
  standing: z
    .array(
      z.strictObject({
        match: matchSchema,
        classes: z.array(z.enum(PATCH_CLASSES)).min(1),
        until: z.iso.datetime(),
        reason: text(2_000),
      }),
    )
    .max(1_000),
  /** Whether the customer may name patches out of cycle, which then need no pack. */
  emergency: z.boolean(),
  signedAt: z.iso.datetime(),
  signedBy: text(256),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type GroupPolicy = DeepReadonly<z.infer<typeof policySchema>>;
export type PolicyMatch = DeepReadonly<z.infer<typeof matchSchema>>;
/** What judging needs of a policy. */
export type PolicyTerms = Omit<
  GroupPolicy,
  'format' | 'siteId' | 'customer' | 'group' | 'version' | 'signedAt' | 'signedBy'
>;

/** Of a group whose customer has signed none. */
export const DEFAULT_POLICY: PolicyTerms = {
  mode: 'opt-in',
  noticeHours: 24,
  approvers: 1,
  classes: ['security', 'other'],
  exclusions: [],
  standing: [],
  emergency: false,
};

/** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
export function parsePolicy(json: string, file: string): GroupPolicy {
  return parsePayload(policySchema, 'sallyport-policy', json, file);
}

/** The bytes that are signed, as text. */
export function formatPolicy(policy: GroupPolicy): string {
  return canonicalJson(policy);
}

/** What an exclusion, a standing approval or an emergency request is compared with. */
export interface MatchedPatch {
  readonly package: string;
  readonly source: string;
  readonly security: boolean;
  /** Vendors' names, KB numbers among them. */
  readonly advisories: readonly string[];
}

export function matches({ kind, value }: PolicyMatch, patch: MatchedPatch): boolean {
  const names = [patch.package, patch.source];
  if (kind === 'package') return names.includes(value);
  if (kind === 'kb') return [...patch.advisories, ...names].some((name) => same(name, value));
  return [...names, ...patch.advisories].some((name) => fits(value, name));
}

export const classOf = (patch: Pick<MatchedPatch, 'security'>): (typeof PATCH_CLASSES)[number] =>
  patch.security ? 'security' : 'other';

/** What a policy alone says of a patch at an instant (ISO-8601). */
export function standingUnder(
  policy: PolicyTerms,
  patch: MatchedPatch,
  now: string,
): 'decide' | 'approved' | 'excluded' | 'out-of-scope' {
  if (policy.exclusions.some((item) => matches(item.match, patch))) return 'excluded';
  const kind = classOf(patch);
  if (!policy.classes.includes(kind)) return 'out-of-scope';
  const stands = policy.standing.some(
    (item) =>
      item.classes.includes(kind) && Date.parse(now) < Date.parse(item.until) && matches(item.match, patch),
  );
  return stands ? 'approved' : 'decide';
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `*` stands for any characters. Linear in both texts, whatever the pattern: a policy is a file from elsewhere. */
function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

export { policySchema };
