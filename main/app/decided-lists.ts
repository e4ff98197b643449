import type { Plan } from '../core/plan.ts';
import type { DecidedList, ListedEndpoint } from '../core/review/pack-history.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { packOf } from './reviews.ts';
import type { Services } from './services.ts';

type Grant = DecidedList['grants'][number];

/** The lists of a customer that were answered or granted, oldest first: by signed files, countersigned sheets or policies. */
export function decidedLists(services: Services, customer: string): DecidedList[] {
  const { plans, queue, readPacks, reviews } = services;
  const granted = grantedPacks(services);
  const lists: DecidedList[] = [];
  for (const { id, createdAt } of reviews.listPacks().toReversed()) {
    if (queue.findFacts(id)?.customer !== customer) continue;
    const words = readPacks.wordsOn(id).map(({ decidedAt: at, rows }) => ({ at, rows }));
    const grants = granted.get(id) ?? [];
    if (words.length === 0 && grants.length === 0) continue;
    const pack = readPacks.get(id);
    if (pack === null) continue;
    const endpoints = listedEndpoints(pack.endpoints, plans.getPlan(pack.planId)?.plan);
    lists.push({ packId: id, createdAt, endpoints, patches: pack.patches, words, grants });
  }
  return lists;
}

/** The groups that the endpoints of a list were in when it was made, and the releases that they had. */
export function listedEndpoints(
  endpoints: ReviewPack['endpoints'],
  plan: Plan | undefined,
): ReadonlyMap<string, ListedEndpoint> {
  const releases = new Map(
    plan?.endpoints.map(({ endpointId, distribution, codename }) => [
      endpointId,
      `${distribution} ${codename}`,
    ]),
  );
  // One value for all endpoints that share it: rows have many of them.
  const known = new Map<string, ListedEndpoint>();
  return new Map(
    endpoints.map(({ id, group }) => {
      const release = releases.get(id) ?? '';
      const endpoint = known.get(`${group}\n${release}`) ?? { group, release };
      known.set(`${group}\n${release}`, endpoint);
      return [id, endpoint];
    }),
  );
}

/** By pack, what was granted of it. */
function grantedPacks({ plans }: Services): ReadonlyMap<string, readonly Grant[]> {
  const found = new Map<string, Grant[]>();
  for (const row of plans.listApprovals()) {
    const packId = row.decision?.kind === 'granted' ? packOf(row) : null;
    if (packId === null || row.decision === null) continue;
    const grant = { at: row.decision.decidedAt, covers: coverOf(() => plans.getPlan(row.planId)?.plan) };
    found.set(packId, [...(found.get(packId) ?? []), grant]);
  }
  return found;
}

/** Which package files a plan brings to which endpoints; the plan is read when it is first asked. */
function coverOf(planOf: () => Plan | undefined): Grant['covers'] {
  let files: ReadonlyMap<string, ReadonlySet<string>> | null = null;
  return (endpointId, sha256) => {
    files ??= new Map(
      planOf()?.endpoints.map((item) => [item.endpointId, new Set(item.packages.map((file) => file.sha256))]),
    );
    return files.get(endpointId)?.has(sha256) === true;
  };
}
