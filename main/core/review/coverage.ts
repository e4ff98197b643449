import { canonicalJson, type EndpointPlan, type Plan } from '../plan.ts';
import type { DecidedRow, DecisionFile } from './decision-file.ts';
import type { ReviewPack } from './review-pack.ts';

/** Something of a plan that nobody approved. */
export interface Uncovered {
  readonly endpointName: string;
  readonly package: string;
  readonly version: string;
}

/** How a pack's patches stand after these decisions, by SHA-256. One word against a patch outweighs any number for it. */
export function tally(
  pack: ReviewPack,
  decisions: readonly Pick<DecisionFile, 'rows'>[],
): {
  readonly approved: string[];
  readonly rejected: string[];
  readonly deferred: string[];
  readonly asked: string[];
} {
  const none = (): Record<DecidedRow['verdict'], number> => ({ approve: 0, reject: 0, defer: 0, ask: 0 });
  const verdicts = new Map<string, Record<DecidedRow['verdict'], number>>();
  for (const { rows } of decisions) {
    for (const { patch, verdict } of rows) {
      const count = verdicts.get(patch) ?? none();
      count[verdict] += 1;
      verdicts.set(patch, count);
    }
  }
  const approved: string[] = [];
  const rejected: string[] = [];
  const deferred: string[] = [];
  const asked: string[] = [];
  for (const { sha256 } of pack.patches) {
    const count = verdicts.get(sha256) ?? none();
    if (count.reject > 0) rejected.push(sha256);
    else if (count.defer > 0) deferred.push(sha256);
    else if (count.ask > 0) asked.push(sha256);
    else if (count.approve >= pack.approvers) approved.push(sha256);
  }
  return { approved, rejected, deferred, asked };
}

/**
 * What of a plan the decisions do not cover. A package is covered on an endpoint when enough different approvers approved
 * that very file in a pack that listed that endpoint for it, coming from that very version, and on the terms (snapshot
 * mode, restore, restart, health checks) of the plan that the pack was made of. Safety rule 1: a plan may be run only if
 * nothing is left over.
 *
 * @param asked the plan that the pack was made of
 */
export function findUncovered(
  plan: Plan,
  asked: Plan,
  pack: ReviewPack,
  decisions: readonly Pick<DecisionFile, 'rows'>[],
): Uncovered[] {
  const approved = new Set(tally(pack, decisions).approved);
  const shown = new Map(pack.patches.map((patch) => [patch.sha256, patch]));
  const terms = new Map(asked.endpoints.map((endpoint) => [endpoint.endpointId, termsOf(endpoint)]));
  return plan.endpoints.flatMap((endpoint) => {
    const isOnTheTerms = terms.get(endpoint.endpointId) === termsOf(endpoint);
    return endpoint.packages
      .filter((item) => {
        const patch = shown.get(item.sha256);
        const isSame = patch?.package === item.name && patch.arch === item.arch && patch.version === item.to;
        const isListed =
          patch?.endpoints.some(({ id, from }) => id === endpoint.endpointId && from === item.from) === true;
        return !isOnTheTerms || !isSame || !isListed || !approved.has(item.sha256);
      })
      .map((item) => ({ endpointName: endpoint.endpointName, package: item.name, version: item.to }));
  });
}

/** Everything that a plan says of an endpoint, but for its packages. */
function termsOf(endpoint: EndpointPlan): string {
  return canonicalJson({ ...endpoint, packages: [] });
}
