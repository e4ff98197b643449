import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RACI_ELEMENTS, type Letter, type RaciElement, type Role } from '../../../../contract/vocabulary.ts';
import * as steps from '../../../../main/app/notice-steps.ts';
import { noticeBundle, noticeGroup, noticeMatrix, noticeMove } from '../../../../main/app/site-notices.ts';
import { pagesOf } from '../../../../main/app/present-notices.ts';
import type { Services } from '../../../../main/app/services.ts';
import { AuditLog } from '../../../../main/audit/audit-log.ts';
import { openDatabase } from '../../../../main/catalogue/database.ts';
import { EndpointStore } from '../../../../main/catalogue/endpoint-store.ts';
import { NoticeStore, type ReadNotice } from '../../../../main/catalogue/notice-store.ts';
import { PlanStore } from '../../../../main/catalogue/plan-store.ts';
import { PolicyStore } from '../../../../main/catalogue/policy-store.ts';
import { RaciStore } from '../../../../main/catalogue/raci-store.ts';
import { ReviewStore } from '../../../../main/catalogue/review-store.ts';
import { SiteStore } from '../../../../main/catalogue/site-store.ts';
import type { TaskState } from '../../../../main/core/run/state.ts';

const NOW = '2026-11-30T10:00:00.000Z';
/** '' is the group of which nobody said whose it is. */
const CUSTOMERS = ['Trust', 'Council', 'Depot', ''] as const;
type Customer = (typeof CUSTOMERS)[number];
/** Every name of an endpoint holds whose it is, in a word that nothing else holds. */
const WORD: Readonly<Record<Customer, string>> = {
  ...{ Trust: 'ward', Council: 'ballot', Depot: 'forklift', '': 'orphan' },
};

interface World {
  /** How many endpoints each customer has. */
  readonly fleet: Readonly<Record<Customer, number>>;
  readonly persons: readonly { readonly roles: readonly Role[]; readonly customers: readonly Customer[] }[];
  readonly customerLetters: readonly Letter[];
  readonly providerLetters: readonly Letter[];
  /** Named in the matrix for the first letter of the customer's side, by number. */
  readonly named: readonly number[];
  /** Which endpoints take part, by number. */
  readonly taken: readonly number[];
}

const world: fc.Arbitrary<World> = fc.record({
  fleet: fc.record({
    Trust: fc.integer({ min: 0, max: 3 }),
    Council: fc.integer({ min: 0, max: 3 }),
    Depot: fc.integer({ min: 0, max: 2 }),
    '': fc.integer({ min: 0, max: 1 }),
  }),
  persons: fc.array(
    fc.record({
      roles: fc.subarray<Role>(['engineer', 'approver', 'service-manager']),
      customers: fc.subarray<Customer>(['Trust', 'Council', 'Depot'], { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  customerLetters: fc.constantFrom<Letter[]>(['I'], ['C'], ['R', 'C'], []),
  providerLetters: fc.constantFrom<Letter[]>(['R', 'A'], ['R', 'A', 'C'], ['I']),
  named: fc.subarray([0, 1, 2]),
  taken: fc.uniqueArray(fc.nat(8), { minLength: 1, maxLength: 9 }),
});

function build({ fleet, persons, customerLetters, providerLetters, named }: World) {
  const db = openDatabase(':memory:');
  const stores = {
    ...{ db, site: new SiteStore(db), raci: new RaciStore(db), notices: new NoticeStore(db) },
    ...{ policies: new PolicyStore(db), audit: new AuditLog(db), endpoints: new EndpointStore(db) },
    ...{ plans: new PlanStore(db), reviews: new ReviewStore(db) },
  };
  const ids = persons.map(({ roles }, index) => {
    const id = randomUUID();
    stores.site.insertPerson({
      ...{ id, name: `Person ${index}`, roles, publicKey: '', keyFingerprint: `${index}` },
      ...{ keyslot: 'x', createdAt: NOW, addedBy: null, passphraseBy: null },
    });
    return id;
  });
  persons.forEach(({ customers }, index) => {
    const personId = ids[index] ?? '';
    stores.policies.insertSpeaker({ personId, customers, reason: 'by letter', at: NOW, by: personId });
  });
  db.prepare("INSERT INTO secrets (id, sealed, created_at) VALUES ('none', x'00', '')").run();
  const owners = new Map<string, Customer>();
  for (const customer of CUSTOMERS) {
    if (fleet[customer] === 0) continue;
    const group = `${WORD[customer]}-group`;
    if (customer !== '') stores.policies.putGroup(group, customer);
    for (let number = 0; number < fleet[customer]; number += 1) {
      const id = randomUUID();
      owners.set(id, customer);
      stores.endpoints.insert({
        ...{ id, name: `${WORD[customer]}-${number}`, group, address: '192.0.2.1', port: 22, user: 'root' },
        ...{ hostKey: null, secretId: 'none', hypervisorId: null, vm: null, snapshotMode: 'disabled' },
        ...{ restoreOnFailure: false, rebootPolicy: 'never', healthChecks: [], createdAt: NOW },
      });
    }
  }
  const [letter] = customerLetters;
  stores.raci.insertVersion({
    ...{ version: 1, at: NOW, by: ids[0] ?? '', reason: 'as wished' },
    rows: RACI_ELEMENTS.map((element: RaciElement) => ({
      ...{ element, provider: providerLetters, customer: customerLetters, note: '' },
      persons:
        letter === undefined
          ? []
          : named
              .flatMap((index) => ids[index] ?? [])
              .map((personId) => ({ ...{ party: 'customer' as const }, letter, personId })),
    })),
  });
  return { ...stores, ids, owners };
}

type Built = ReturnType<typeof build>;

/** The oracle: whoever has customers on record speaks for these; whoever has none for everybody at a site of one customer. */
function speaks({ persons, fleet }: World, index: number, customer: Customer): boolean {
  const own = persons[index]?.customers ?? [];
  const named = CUSTOMERS.filter((name) => name !== '' && fleet[name] > 0);
  return own.length === 0 ? named.length < 2 : own.includes(customer);
}

/** Every kind of step over the endpoints that take part, in a transaction each. */
function takeSteps(built: Built, taken: readonly string[]): void {
  const { db, plans, endpoints, ids } = built;
  const ended = { kind: 'ended', outcome: 'succeeded' } as unknown as TaskState;
  const services = {
    ...built,
    ...{ now: () => NOW, newId: () => randomUUID(), publish: () => undefined },
    journal: {
      openTasks: () => [],
      statesOf: () => new Map(taken.map((id) => [id, ended])),
      entriesAfter: () => [],
      stateOf: () => ended,
    },
  } as unknown as Services;
  const say = (step: () => void): void => db.transaction(step)();
  const names = taken.map((id) => endpoints.get(id)?.name ?? '').join(' ');
  const plan = plans.insertPlan(
    {
      ...{ format: 'sallyport-plan/1', planId: randomUUID(), siteId: 's', catalogueDigest: '' },
      endpoints: taken.map((id) => ({
        ...{
          endpointId: id,
          endpointName: endpoints.get(id)?.name ?? '',
          address: '',
          distribution: 'debian',
        },
        ...{ codename: 'trixie', snapshotMode: 'hard', restoreOnFailure: true, rebootPolicy: 'never' },
        healthChecks: [],
        packages: [
          { name: 'a', arch: 'all', from: '1', to: '2', sha256: 'aa', requested: true },
          { name: id, arch: 'all', from: '1', to: '2', sha256: id, requested: true },
        ],
      })),
    },
    [],
    'Asha',
    NOW,
  );
  const approval = { id: randomUUID(), planId: plan.id, planDigest: plan.digest };
  plans.insertApproval({ ...approval, requestedBy: ids[0] ?? '', requestedAt: NOW });
  const run = {
    id: randomUUID(),
    planId: plan.id,
    approvalId: approval.id,
    startedBy: 'Asha',
    startedAt: NOW,
  };
  plans.insertRun(run);
  say(() => noticeBundle(services, { id: 'main/1', key: 'k', by: 'Asha' }));
  say(() => noticeMatrix(services, { version: 1, by: 'Mo', reason: `because of ${names}` }));
  const scan = { id: randomUUID(), by: 'Asha', endpointIds: taken };
  for (const id of taken) say(() => steps.noticeScan(services, scan, id));
  say(() => steps.noticePlan(services, plan, false));
  say(() => steps.noticeRequest(services, approval, 'Asha'));
  const check = { id: 'q', by: 'Asha', patches: ['aa', ...taken], verdict: 'no concern' };
  say(() => steps.noticeQuality(services, [approval], check));
  say(() =>
    steps.noticeDecision(services, approval, { kind: 'rejected', by: 'Bo', reason: `not on ${names}` }),
  );
  say(() => steps.noticeRunStarted(services, run));
  for (const endpointId of taken) {
    const event = { kind: 'step-finished', at: NOW, result: { step: 'snapshot' } };
    const stored = { row: 1, runId: run.id, endpointId, seq: 1, event, hash: '' };
    say(() => steps.noticeRunEvent(services, stored as never));
    const incident = { id: randomUUID(), code: 'INTERNAL', message: 'it broke', runId: run.id, endpointId };
    say(() => steps.noticeIncident(services, incident));
  }
  const end = {
    row: 2,
    runId: run.id,
    endpointId: taken[0] ?? '',
    seq: 2,
    event: { kind: 'ended' },
    hash: '',
  };
  say(() => steps.noticeRunEvent(services, end as never));
}

/** Kinds of which every customer hears, and how often those hear whose endpoints take part. */
const OF_ALL = ['bundle-imported', 'matrix-changed'];
const OF_ENDPOINT = ['snapshot-taken', 'incident'];
const OF_PART = [
  ...['scan-done', 'plan-made', 'approval-requested', 'quality-checked', 'approval-decided', 'run-started'],
  'run-ended',
];
/** Told of, never asked. */
const TOLD_ONLY = ['quality-checked', 'approval-decided', 'run-started'];

describe('notices of a site with several customers', () => {
  test('reach each customer whose it is, name and count nothing of another, and lie on a page of their own', () => {
    fc.assert(
      fc.property(world, (item) => {
        const built = build(item);
        const all = [...built.owners.keys()];
        const taken = item.taken.flatMap((index) => all[index] ?? []);
        if (taken.length === 0) return;
        takeSteps(built, taken);
        const notices = built.notices.list({ limit: 100_000 });
        const own = (customer: Customer): string[] => taken.filter((id) => built.owners.get(id) === customer);
        const toCustomers = notices.filter(({ party }) => party === 'customer');
        expect(notices.filter(({ party }) => party === 'provider').every(ofNobody)).toBe(true);
        const named = CUSTOMERS.filter((name) => name !== '' && item.fleet[name] > 0);
        for (const customer of CUSTOMERS) {
          const heard = toCustomers.filter(({ occasion }) => occasion.customer === customer);
          const others = CUSTOMERS.filter((name) => name !== customer);
          for (const { occasion } of heard) {
            for (const other of others) expect(occasion.text).not.toContain(WORD[other]);
          }
          for (const letter of ['C', 'I'] as const) {
            const held = item.customerLetters.includes(letter);
            const texts = (kind: string): string[] => [
              ...new Set(
                heard
                  .filter((one) => one.occasion.kind === kind && one.letter === letter)
                  .map(({ occasion }) => occasion.text),
              ),
            ];
            const hears = (kind: string): boolean => held && !(letter === 'C' && TOLD_ONLY.includes(kind));
            for (const kind of OF_PART) {
              expect([customer, kind, texts(kind).length]).toEqual([
                ...[customer, kind, hears(kind) && own(customer).length > 0 ? 1 : 0],
              ]);
            }
            for (const kind of OF_ENDPOINT) {
              expect([customer, kind, texts(kind).length]).toEqual([
                ...[customer, kind, hears(kind) ? own(customer).length : 0],
              ]);
            }
            const isOfSite = named.length === 0 ? customer === '' : named.includes(customer);
            for (const kind of OF_ALL)
              expect([customer, kind, texts(kind).length]).toEqual([
                customer,
                kind,
                hears(kind) && isOfSite ? 1 : 0,
              ]);
            const count = own(customer).length;
            for (const text of [
              ...texts('plan-made'),
              ...texts('approval-requested'),
              ...texts('run-started'),
            ])
              expect(text).toContain(`${2 * count} packages on ${count} endpoint`);
            for (const text of texts('scan-done')) expect(text).toContain(`had ${count} endpoint`);
            for (const text of texts('run-ended')) expect(text).toContain(`: ${count} succeeded`);
            for (const text of texts('quality-checked')) expect(text).toContain(`: ${count + 1} patches`);
          }
          for (const { personId, occasion, id, letter } of heard) {
            const same = heard.filter((one) => one.occasion.id === occasion.id && one.letter === letter);
            if (personId === null) expect(same.map((one) => one.id)).toEqual([id]);
            else
              expect(
                speaks(
                  item,
                  built.ids.findIndex((one) => one === personId),
                  customer,
                ),
              ).toBe(true);
            if (occasion.kind === 'scan-done')
              expect(same.map((one) => one.endpoints)).toEqual(same.map(() => own(customer).length));
          }
          // Nobody is passed over: to nobody only where nobody who approves speaks for them.
          const somebody = item.persons.some(
            ({ roles }, index) => roles.includes('approver') && speaks(item, index, customer),
          );
          if (somebody) expect(heard.filter(({ personId }) => personId === null)).toEqual([]);
        }
        const pages = pagesOf({ ...built, now: () => NOW } as unknown as Services, notices, 'Asha');
        for (const { page } of pages.filter(({ page: { party } }) => party === 'customer')) {
          const whose = CUSTOMERS.filter((customer) => page.text.includes(WORD[customer]));
          expect(whose.length).toBeLessThan(2);
          for (const customer of whose) expect(page.customer).toBe(customer);
        }
        built.db.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('a patch group that changes hands', () => {
  const site: World = {
    fleet: { Trust: 1, Council: 1, Depot: 0, '': 0 },
    persons: [
      { roles: ['approver'], customers: ['Trust'] },
      { roles: ['service-manager'], customers: [] },
    ],
    ...{ customerLetters: ['C'], providerLetters: ['R', 'I'], named: [], taken: [] },
  };
  const heard = (say: (services: Services) => void): string[] => {
    const built = build(site);
    const services = { ...built, now: () => NOW, newId: () => randomUUID(), publish: () => undefined };
    built.db.transaction(() => say(services as unknown as Services))();
    const found = built.notices.list({}).map(({ occasion, letter, personId }) => {
      const who = personId === null ? 'nobody' : (built.site.findPerson(personId)?.name ?? '');
      return `${letter} ${occasion.customer ?? 'provider'} ${who}: ${occasion.text}`;
    });
    built.db.close();
    return found.toSorted();
  };

  test('an endpoint that goes to another customer: each reads its own half, and the one without a speaker is not lost', () => {
    const move = (services: Services): void => {
      const endpoint = services.endpoints.list().find(({ name }) => name === 'ward-0');
      if (endpoint === undefined) throw new Error('there is no endpoint');
      noticeMove(services, { endpoint, to: 'ballot-group', by: 'Asha' });
      noticeMove(services, { endpoint, to: endpoint.group, by: 'Asha' });
    };
    expect(heard(move)).toEqual([
      'C Council nobody: Asha put ward-0 into the patch group ballot-group.',
      'C Trust Person 0: Asha took ward-0 out of the patch group ward-group.',
      'I provider Person 1: Asha moved ward-0 from the patch group ward-group to ballot-group.',
    ]);
  });

  test('a group that is said to be of another customer', () => {
    const change = { group: 'ward-group', before: 'Trust', customer: 'Council', by: 'Asha' };
    expect(heard((services) => noticeGroup(services, change))).toEqual([
      'C Council nobody: Asha said that the patch group ward-group is of Council.',
      'C Trust Person 0: Asha said that the patch group ward-group is no longer of Trust.',
      'I provider Person 1: Asha said that the patch group ward-group is of Council instead of Trust.',
    ]);
    expect(heard((services) => noticeGroup(services, { ...change, before: 'Council' }))).toEqual([]);
  });
});

const ofNobody = ({ occasion }: ReadNotice): boolean => occasion.customer === null;
