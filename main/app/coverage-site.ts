import type { PolicyRow } from '../catalogue/policy-store.ts';
import type { CoverageSite, PolicyInForce } from '../core/review/coverage.ts';
import { takenFrom } from '../core/review/taken-from.ts';
import type { Plan } from '../core/plan.ts';
import { mayGive, readPolicy, sameHandAt, siteTime, speakers, statementKeys } from './statements.ts';
import type { Services } from './services.ts';

/** What the one judgement of coverage needs to know of this site, read afresh. */
export function coverageSite(services: Services, requestedBy: string): CoverageSite {
  const keys = statementKeys(services);
  const groups = new Map(services.endpoints.list().map((row) => [row.id, row.group]));
  const customers = new Map(services.policies.listGroups().map(({ name, customer }) => [name, customer]));
  const now = siteTime(services);
  const sameHand = sameHandAt(services);
  const isAsker = (id: string): boolean => sameHand(id, requestedBy);
  const owners = Map.groupBy(services.policies.listGroupOwners(), (row) => row.id);
  // Whose a group was before whoever asks gave it to somebody else.
  const customerOf = (group: string): string => {
    const owner = customers.get(group) ?? '';
    return takenFrom(owners.get(group) ?? [], isAsker, owner) || owner;
  };
  const moves = Map.groupBy(services.policies.listEndpointMoves(), (row) => row.id);
  const speaksFor = speakers(services, requestedBy);
  const inForce = new Map<string, PolicyInForce | null>();
  /** By SHA-256: the same file goes onto many endpoints. */
  const facts = new Map<string, ReturnType<CoverageSite['factsOf']>>();
  const load = (row: PolicyRow | undefined): PolicyInForce | null => {
    if (row === undefined) return null;
    const read = readPolicy(row, keys);
    // A policy that cannot be read any more can neither give nor be passed over: nothing of its group is covered.
    if (read === null) throw new Error(`The policy ${row.sha256} of ${row.group} is damaged.`);
    const { statement: policy, signer } = read;
    const isTheirs = policy.customer === customerOf(row.group) && speaksFor(signer.personId, policy.customer);
    return {
      ...{ sha256: row.sha256, policy },
      mayGive: isTheirs && mayGive(signer, row.personId, requestedBy, { now, sameHand }),
    };
  };
  return {
    ...{ now, requestedBy, sameHand },
    groupOf: (id) => groups.get(id),
    takenFrom: (id) => takenFrom(moves.get(id) ?? [], isAsker, groups.get(id) ?? ''),
    ...{ customerOf, speaksFor },
    policyOf: (group) => {
      const known = inForce.get(group);
      if (known !== undefined) return known;
      const policy = load(services.policies.policyInForce(group));
      inForce.set(group, policy);
      return policy;
    },
    factsOf: (item) => {
      const known = facts.get(item.sha256);
      if (known !== undefined) return known;
      const id = services.catalogue.findPatchId(item.sha256);
      const patch = id === undefined ? undefined : services.catalogue.getPatch(id);
      const made = {
        package: item.name,
        source: patch?.source ?? item.name,
        security: patch?.security ?? false,
        advisories: patch?.advisories.slice() ?? [],
        cves: patch?.cves ?? [],
      };
      facts.set(item.sha256, made);
      return made;
    },
  };
}

/** SHA-256 of the policy in force for each group that a plan touches; `null`: none. */
export function policiesOf(services: Services, plan: Plan): { group: string; sha256: string | null }[] {
  const groups = new Set(
    plan.endpoints.map(({ endpointId }) => services.endpoints.get(endpointId)?.group ?? ''),
  );
  return [...groups]
    .toSorted()
    .map((group) => ({ group, sha256: services.policies.policyInForce(group)?.sha256 ?? null }));
}
