import { canonicalJson, type EndpointPlan, type Plan, type PlannedPackage } from '../plan.ts';
import type { DecidedRow } from './decision-file.ts';
import type { Speaks } from './customer.ts';
import { rightOf, voicesOf, type KeptDelegation } from './delegation.ts';
import { heldBack } from './held-back.ts';
import { isNamed, type EmergencyRequest } from './emergency.ts';
import { DEFAULT_POLICY, standingUnder, type GroupPolicy, type MatchedPatch } from './policy.ts';
import type { SameHand } from '../raci/hands.ts';
import type { ReviewPack } from './review-pack.ts';

/** What a person said of a pack's patches, once its signature holds. */
export interface Word {
  readonly personId: string;
  /** The person has the role approver now, in their own right. */
  readonly mayApprove: boolean;
  /** Who compared the fingerprint of the key. */
  readonly enrolledBy: string;
  /** When the site took it in, by the site's clock. */
  readonly at: string;
  readonly rows: readonly DecidedRow[];
}

/** The policy in force for a group. */
export interface PolicyInForce {
  readonly sha256: string;
  readonly policy: GroupPolicy;
  /**
   * Whether it can give, not only take: its signature holds, its key is not revoked, its signer is an approver, did not ask, and was
   * not vouched for by whoever asked.
   */
  readonly mayGive: boolean;
}

/** A list, and what was said of it. */
export interface PackBasis {
  readonly kind: 'pack';
  readonly pack: ReviewPack;
  /** The plan that the pack was made of. */
  readonly asked: Plan;
  /** When the pack first went out to the customer; `null`: it did not. */
  readonly wentOutAt: string | null;
  readonly words: readonly Word[];
  readonly delegations: readonly KeptDelegation[];
}

/** What a yes rests on. */
export type Basis =
  | PackBasis
  /** A person at the console granted the whole plan. `policies`: SHA-256 by group of what was in force then; `null`: none. */
  | {
      readonly kind: 'console';
      /** Who granted. */
      readonly personId: string;
      readonly policies: ReadonlyMap<string, string | null> | null;
      /** The newest list of the same plan, if one was made: what was said on it counts against the grant. */
      readonly list: PackBasis | null;
    }
  | { readonly kind: 'emergency'; readonly request: EmergencyRequest; readonly mayGive: boolean };

export interface CoverageSite {
  /** ISO-8601; never before the site's time floor. */
  readonly now: string;
  readonly requestedBy: string;
  /** Whether one hand is known to act as both persons. */
  readonly sameHand: SameHand;
  groupOf(endpointId: string): string | undefined;
  /**
   * The group from which whoever asks took the endpoint; `null`: they did not. What was taken stays under the rules of both, and no
   * policy gives anything there.
   */
  takenFrom(endpointId: string): string | null;
  /** '': nobody said yet whose the group is. Not what whoever asks made of it. */
  customerOf(group: string): string;
  readonly speaksFor: Speaks;
  policyOf(group: string): PolicyInForce | null;
  /** What the site knows of a package file. */
  factsOf(item: PlannedPackage): MatchedPatch & { readonly cves: readonly string[] };
}

export type Ground = 'approved' | 'standing' | 'silence' | 'emergency';
export type Gap =
  | 'excluded'
  | 'out-of-scope'
  | 'policy-changed'
  | 'terms-differ'
  | 'not-shown'
  | 'rejected'
  | 'deferred'
  | 'asked'
  | 'too-few'
  | 'not-named'
  | 'no-lane'
  | 'other-customer'
  | 'ended'
  | 'uncovered';

export interface JudgedItem {
  readonly endpointId: string;
  readonly endpointName: string;
  readonly group: string;
  readonly sha256: string;
  readonly package: string;
  readonly version: string;
  readonly verdict:
    { readonly covered: true; readonly by: Ground } | { readonly covered: false; readonly because: Gap };
  /** Not covered yet, and silence at the cut-off or another approver may still cover it. */
  readonly mayChange: boolean;
}

/**
 * The one judgement of a plan: for each package on each endpoint, what covers it or why nothing does. Used when decisions come in and
 * again before every step of a run. Safety rule 1: a plan may be run only when everything of it is covered. The order is that of
 * docs/FORMAT-review.md, section 6: whatever forbids comes before whatever allows.
 */
export function judgeCoverage(plan: Plan, basis: Basis, site: CoverageSite): JudgedItem[] {
  const judge = judgeOf(basis, site);
  return plan.endpoints.flatMap((endpoint) => {
    const group = site.groupOf(endpoint.endpointId) ?? '';
    const inForce = site.policyOf(group);
    return endpoint.packages.map((item) => ({
      ...{ endpointId: endpoint.endpointId, endpointName: endpoint.endpointName, group },
      ...{ sha256: item.sha256, package: item.name, version: item.to },
      ...judge(endpoint, item, group, inForce),
    }));
  });
}

export const isCovered = (items: readonly JudgedItem[]): boolean =>
  items.length > 0 && items.every((item) => item.verdict.covered);

type Verdict = Pick<JudgedItem, 'verdict' | 'mayChange'>;
type Judge = (
  endpoint: EndpointPlan,
  item: PlannedPackage,
  group: string,
  inForce: PolicyInForce | null,
) => Verdict;
/** @param needed how many approvers the policies want */
type BasisJudge = (...given: [...Parameters<Judge>, needed: number]) => Verdict;

const no = (because: Gap, mayChange = false): Verdict => ({
  verdict: { covered: false, because },
  mayChange,
});
const yes = (by: Ground): Verdict => ({ verdict: { covered: true, by }, mayChange: false });

function judgeOf(basis: Basis, site: CoverageSite): Judge {
  const rest =
    basis.kind === 'pack'
      ? packJudge(basis, site)
      : basis.kind === 'console'
        ? consoleJudge(basis, site)
        : emergencyJudge(basis, site);
  return (endpoint, item, group, inForce) => {
    const left = site.takenFrom(endpoint.endpointId);
    const policies = [inForce, ...(left === null ? [] : [site.policyOf(left)])].map(
      (one) => one?.policy ?? DEFAULT_POLICY,
    );
    for (const policy of policies) {
      const standing = standingUnder(policy, site.factsOf(item), site.now);
      if (standing === 'excluded' || standing === 'out-of-scope') return no(standing);
    }
    const needed = Math.max(...policies.map((policy) => policy.approvers));
    if (left === null) return rest(endpoint, item, group, inForce, needed);
    const owner = site.customerOf(left);
    if (owner !== '' && owner !== site.customerOf(group)) return no('other-customer');
    if (basis.kind === 'emergency') return no('uncovered');
    return rest(endpoint, item, group, inForce === null ? null : { ...inForce, mayGive: false }, needed);
  };
}

function packJudge(basis: PackBasis, site: CoverageSite): BasisJudge {
  const { pack, asked, wentOutAt } = basis;
  const now = Date.parse(site.now);
  const cutOff = Date.parse(pack.cutOffAt);
  const shown = new Map(pack.patches.map((patch) => [patch.sha256, patch]));
  const terms = new Map(asked.endpoints.map((endpoint) => [endpoint.endpointId, termsOf(endpoint)]));
  const boundTo = new Map(pack.groups.map((group) => [group.name, group.policySha256]));
  const groupThen = new Map(pack.endpoints.map((endpoint) => [endpoint.id, endpoint.group]));
  const listed = new Map(
    pack.patches.map((patch) => [patch.sha256, new Map(patch.endpoints.map(({ id, from }) => [id, from]))]),
  );
  const counts = countWords(basis, liveWords(basis, site));
  // A clock that was set back between making a list and writing it gives no notice.
  const noticeFrom =
    wentOutAt === null ? Infinity : Math.max(Date.parse(wentOutAt), Date.parse(pack.createdAt));
  return (endpoint, item, group, inForce, needed) => {
    const policy = inForce?.policy ?? DEFAULT_POLICY;
    if (site.customerOf(group) !== pack.customer) return no('other-customer');
    const isBound =
      (boundTo.get(group) ?? null) === (inForce?.sha256 ?? null) &&
      (groupThen.get(endpoint.endpointId) ?? group) === group;
    if (!isBound) return no('policy-changed');
    if (terms.get(endpoint.endpointId) !== termsOf(endpoint)) return no('terms-differ');
    const patch = shown.get(item.sha256);
    const isSame = patch?.package === item.name && patch.arch === item.arch && patch.version === item.to;
    const endpoints = listed.get(item.sha256);
    const isListed =
      endpoints?.has(endpoint.endpointId) === true && endpoints.get(endpoint.endpointId) === item.from;
    if (!isSame || !isListed) return no('not-shown');
    const count = counts.get(item.sha256);
    const against = whatIsAgainst(count);
    if (against !== null) return no(against);
    const voices = count?.approve.size ?? 0;
    if (voices >= Math.max(pack.approvers, needed)) return yes('approved');
    const held = heldBack(patch, site.now);
    if (held !== null) {
      const mayEnd = now < cutOff && heldBack(patch, pack.cutOffAt) === null;
      return no(voices > 0 ? 'too-few' : held, mayEnd);
    }
    const mayGive = inForce?.mayGive === true;
    if (mayGive && standingUnder(policy, patch, site.now) === 'approved') return yes('standing');
    const hasNotice = noticeFrom + policy.noticeHours * 3_600_000 <= cutOff;
    const silenceCounts = mayGive && policy.mode === 'opt-out' && hasNotice;
    if (silenceCounts && now >= cutOff) return yes('silence');
    return no(voices > 0 ? 'too-few' : 'uncovered', now < cutOff);
  };
}

function consoleJudge(
  { personId, policies, list }: Extract<Basis, { kind: 'console' }>,
  site: CoverageSite,
): BasisJudge {
  const counts = list === null ? new Map<string, Count>() : countWords(list, []);
  return (_endpoint, item, group, inForce, needed) => {
    if (site.sameHand(personId, site.requestedBy)) return no('uncovered');
    if (!site.speaksFor(personId, site.customerOf(group))) return no('other-customer');
    if (policies !== null && (policies.get(group) ?? null) !== (inForce?.sha256 ?? null)) {
      return no('policy-changed');
    }
    const against = whatIsAgainst(counts.get(item.sha256));
    if (against !== null) return no(against);
    return Math.max(list?.pack.approvers ?? 1, needed) > 1 ? no('too-few') : yes('approved');
  };
}

function emergencyJudge(
  { request, mayGive }: Extract<Basis, { kind: 'emergency' }>,
  site: CoverageSite,
): BasisJudge {
  return (_endpoint, item, group, inForce) => {
    if (inForce?.policy.emergency !== true || inForce.policy.customer !== request.customer)
      return no('no-lane');
    if (!mayGive || !request.groups.includes(group)) return no('uncovered');
    if (Date.parse(site.now) >= Date.parse(request.until)) return no('ended');
    const facts = site.factsOf(item);
    const named = isNamed(request, { ...facts, package: item.name, version: item.to });
    return named || (request.pullsIn && !item.requested) ? yes('emergency') : no('not-named');
  };
}

/** Words that count: by an approver, or under a delegation that was live when the word came in; never for whoever asked. */
function liveWords(
  { pack, words, delegations }: PackBasis,
  { requestedBy, speaksFor, sameHand }: Pick<CoverageSite, 'requestedBy' | 'speaksFor' | 'sameHand'>,
): readonly Word[] {
  const theirs = delegations.filter((item) => speaksFor(item.fromPerson, pack.customer));
  return words.filter((word) => {
    if (!speaksFor(word.personId, pack.customer)) return false;
    if (sameHand(word.personId, requestedBy) || sameHand(word.enrolledBy, requestedBy)) return false;
    // Speaking for whoever asked is no word of another person, whatever rights the speaker has.
    const { personId, at } = word;
    const voice = voicesOf(
      [
        { personId, at },
        { personId: requestedBy, at },
      ],
      delegations,
    );
    if (voice.get(personId) === voice.get(requestedBy)) return false;
    if (word.mayApprove) return true;
    const right = rightOf(word.personId, word.at, theirs);
    return (
      typeof right !== 'string' &&
      !sameHand(right.fromPerson, requestedBy) &&
      !sameHand(right.delegatorEnrolledBy, requestedBy)
    );
  });
}

/** How many different voices have answered a pack. */
export function countVoices(
  basis: PackBasis,
  site: Pick<CoverageSite, 'requestedBy' | 'speaksFor' | 'sameHand'>,
): number {
  const words = liveWords(basis, site);
  return new Set(voicesOf(words, basis.delegations).values()).size;
}

interface Count {
  readonly approve: Set<string>;
  reject: number;
  defer: number;
  ask: number;
}

/**
 * One word against a patch outweighs any number for it, and goes on doing so when whoever said it loses the right to speak: taking a
 * right away must never give anything.
 */
function countWords({ words, delegations }: PackBasis, live: readonly Word[]): Map<string, Count> {
  const voices = voicesOf(live, delegations);
  const counting = new Set(live);
  const counts = new Map<string, Count>();
  for (const word of words) {
    const { personId } = word;
    for (const { patch, verdict } of word.rows) {
      if (verdict === 'approve' && !counting.has(word)) continue;
      const count = counts.get(patch) ?? { approve: new Set(), reject: 0, defer: 0, ask: 0 };
      if (verdict === 'approve') count.approve.add(voices.get(personId) ?? personId);
      else count[verdict] += 1;
      counts.set(patch, count);
    }
  }
  return counts;
}

function whatIsAgainst(count: Count | undefined): 'rejected' | 'deferred' | 'asked' | null {
  if (count === undefined) return null;
  return count.reject > 0 ? 'rejected' : count.defer > 0 ? 'deferred' : count.ask > 0 ? 'asked' : null;
}

/** Everything that a plan says of an endpoint, but for its packages. */
function termsOf(endpoint: EndpointPlan): string {
  return canonicalJson({ ...endpoint, packages: [] });
}
