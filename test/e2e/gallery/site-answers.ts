import { deskOf, noticePages, NOTICES } from './fixtures/notices.ts';
import { RaciAbout } from '../../../contract/raci.ts';
import type { Answers } from './fake-client.ts';
import { fail } from './fake-client.ts';
import { MEDIA } from './fixtures/imports.ts';
import { BUILD, BUILT, COLLECT, KEY_STATUS, NEEDS, REGISTERS } from './fixtures/collect.ts';
import {
  BUNDLES,
  endpointsOfPatch,
  facetsOf,
  INSPECTION,
  NO_FACETS,
  searchPatches,
  TRUST,
} from './fixtures/catalogue.ts';
import { allFindings, detailOf, ENDPOINTS, HYPERVISORS } from './fixtures/endpoints.ts';
import { aHostKey, anId } from './fixtures/made-up.ts';
import { approvalDetail, approvalsFor, PLAN_SUMMARIES, planById } from './fixtures/plans.ts';
import { DELEGATIONS, EMERGENCIES, GROUPS, POLICIES } from './fixtures/policies.ts';
import { listDetail, LISTS, sheetFor, SILENCE } from './fixtures/lists.ts';
import { RACI, raciOf } from './fixtures/raci.ts';
import { ENROLMENT, REVIEWER_KEYS } from './fixtures/reviewers.ts';
import { CLOCKS, diffOf, GARBAGE, NO_CLOCKS, patchDetail } from './fixtures/risk.ts';
import { INCIDENTS, journalOf, runById, RUNS, SNAPSHOTS } from './fixtures/runs.ts';
import { AUDIT, NO_SITE, PERSONS, SCAN, siteView } from './fixtures/site.ts';

const missing = () => fail('CONTRACT_NOT_FOUND', 'There is no such thing in the fixtures.');
/** The answer that never comes: the window must stay usable meanwhile. */
const never = () => new Promise<never>(() => undefined);

/** A site of hundreds of endpoints in the middle of its month, as this person sees it. */
export function busySite(signedIn: string | null): Answers {
  const person = PERSONS.find((candidate) => candidate.name === signedIn);
  const approvals = approvalsFor(signedIn ?? '', person?.roles.includes('approver') ?? false);
  return {
    'site.get': () => siteView(signedIn),
    'session.signIn': () =>
      person ?? fail('VAULT_PASSPHRASE_WRONG', 'This is not the passphrase of that person.'),
    'session.signOut': () => ({}),
    'persons.list': () => [...PERSONS],
    'raci.get': () => RACI,
    'notices.mine': () => deskOf(signedIn),
    'notices.see': ({ ids }) => ({ seen: ids.length }),
    'notices.list': () => [...NOTICES],
    'notices.answer': () => [],
    'notices.record': () => [],
    'notices.print': ({ ids }) => noticePages(ids),
    'notices.drop': () => [],
    'groups.list': () => [...GROUPS],
    'policies.list': () => [...POLICIES],
    'policies.ofApproval': ({ approvalId }) => POLICIES.slice(approvalId === anId(4, 5) ? 1 : 0, 1),
    'delegations.list': () => [...DELEGATIONS],
    'emergency.list': () => [...EMERGENCIES],
    'reviewers.list': () => [...REVIEWER_KEYS],
    'reviewers.read': () => ENROLMENT,
    'raci.of': ({ about }) => raciOf(RaciAbout.parse(about)),
    'hypervisors.list': () => HYPERVISORS,
    'hypervisors.readHostKey': () => ({ hostKey: aHostKey(9001), pinned: aHostKey(9001) }),
    'endpoints.list': () => [...ENDPOINTS],
    'endpoints.get': ({ id }) => detailOf(id) ?? missing(),
    'endpoints.readHostKey': ({ id }) => ({
      hostKey: aHostKey(ENDPOINTS.findIndex((row) => row.id === id) + 1),
      pinned: ENDPOINTS.find((row) => row.id === id)?.hostKey ?? null,
    }),
    'endpoints.scan': () => ({ operationId: SCAN.id }),
    'findings.list': () => allFindings(),
    'trust.get': () => TRUST,
    'bundles.list': () => [...BUNDLES],
    'bundles.inspect': () => INSPECTION,
    'media.list': () => [...MEDIA],
    'bundles.import': () => ({ operationId: anId(10, 2) }),
    'catalogue.search': (input) => searchPatches(input),
    'catalogue.facets': (input) => facetsOf(input),
    'catalogue.get': ({ id }) => patchDetail(id) ?? missing(),
    'catalogue.garbage': () => GARBAGE,
    'bundles.diff': ({ from, to }) => diffOf(from, to),
    'clocks.get': () => CLOCKS,
    'catalogue.endpointsOf': ({ id }) => endpointsOfPatch(id),
    'plans.list': () => [...PLAN_SUMMARIES],
    'plans.get': ({ id }) => planById(id) ?? missing(),
    'plans.make': () => ({ operationId: anId(10, 3) }),
    'approvals.list': () => approvals,
    'approvals.get': ({ id }) => {
      const approval = approvals.find((candidate) => candidate.id === id);
      return (approval === undefined ? null : approvalDetail(approval)) ?? missing();
    },
    'queue.list': () => [],
    'reviews.sheets': () => [],
    'questions.list': () => [],
    'runs.list': () => [...RUNS],
    'runs.get': ({ id }) => runById(id) ?? missing(),
    'runs.journal': ({ runId, afterRow }) => journalOf(runId, afterRow ?? 0),
    'snapshots.list': () => [...SNAPSHOTS],
    'incidents.list': () => [...INCIDENTS],
    'audit.list': ({ afterSeq, limit }) =>
      AUDIT.filter((entry) => entry.seq > (afterSeq ?? 0)).slice(0, limit ?? 500),
    'audit.verify': () => ({ entries: AUDIT.length, intact: true, firstBroken: null }),
    'operations.list': () => [SCAN],
    'operations.wait': never,
  };
}

/** The same with a list that a customer has to decide on. */
export function siteWithList(signedIn: string): Answers {
  return {
    ...busySite(signedIn),
    'queue.list': () => LISTS.map((item) => ({ ...item })),
    'queue.sheet': () => sheetFor(signedIn !== LISTS[0]?.requestedBy),
    'queue.patch': ({ patch }) => listDetail(patch),
    'queue.carried': () => null,
    'queue.silence': () => ({ ...SILENCE }),
    'queue.draft': ({ rows }) => ({ drafted: rows.length }),
  };
}

/** The morning of the first day: a site and a person, and nothing else. */
export function emptySite(signedIn: string): Answers {
  const view = siteView(signedIn);
  return {
    ...busySite(signedIn),
    'site.get': () => ({
      ...view,
      site: view.site === null ? null : { ...view.site, simulated: false, singleOperator: true },
      catalogue: { bundles: 0, newestBundleAt: null, patches: 0 },
    }),
    'persons.list': () => PERSONS.slice(0, 1),
    'groups.list': () => [],
    'policies.list': () => [],
    'delegations.list': () => [],
    'emergency.list': () => [],
    'notices.mine': () => ({ holds: [], asked: [], told: [] }),
    'notices.list': () => [],
    'reviewers.list': () => [],
    'hypervisors.list': () => [],
    'endpoints.list': () => [],
    'trust.get': () => ({ root: null, timeFloor: null }),
    'bundles.list': () => [],
    'bundles.inspect': () => ({ ...INSPECTION, trusted: false }),
    'catalogue.search': () => ({ total: 0, patches: [] }),
    'catalogue.facets': () => NO_FACETS,
    'catalogue.garbage': () => ({ objects: [], bytes: 0, kept: [] }),
    'clocks.get': () => NO_CLOCKS,
    'plans.list': () => [],
    'approvals.list': () => [],
    'runs.list': () => [],
    'snapshots.list': () => [],
    'incidents.list': () => [],
    'audit.list': () => [],
    'operations.list': () => [],
  };
}

/** The connected side: a site that collects for two others. */
export function collectSite(signedIn: string): Answers {
  const view = siteView(signedIn);
  return {
    ...busySite(signedIn),
    'site.get': () => ({
      ...view,
      site:
        view.site === null ? null : { ...view.site, name: 'Depot', workspace: 'collect', simulated: false },
      catalogue: { bundles: 0, newestBundleAt: null, patches: 0 },
    }),
    'collect.get': () => COLLECT,
    'collect.needs': () => [...NEEDS],
    'collect.built': () => [...BUILT],
    'collect.register': () => [...REGISTERS],
    'collect.keyStatus': () => KEY_STATUS,
    'collect.build': () => ({ operationId: BUILD.id }),
    'operations.list': () => [],
  };
}

/** The first morning of the connected side. */
export function emptyCollectSite(signedIn: string): Answers {
  return {
    ...collectSite(signedIn),
    'collect.get': () => ({
      ...COLLECT,
      keys: null,
      sources: {
        mirrors: [],
        keyring: null,
        vendorKeys: [],
        unsignedRoots: [],
        microsoft: null,
        advisories: [],
        kev: null,
        epss: null,
        downloadFolder: null,
        proxy: null,
      },
    }),
    'collect.needs': () => [],
    'collect.built': () => [],
    'collect.register': () => [],
    'collect.keyStatus': () => null,
  };
}

export const noSite: Answers = { 'site.get': () => NO_SITE, 'operations.list': () => [] };
