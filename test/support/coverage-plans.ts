import type { Plan } from '../../main/core/plan.ts';
import { type CoverageSite, type PolicyInForce } from '../../main/core/review/coverage.ts';
import type { DecidedRow } from '../../main/core/review/decision-file.ts';
import { DEFAULT_POLICY, type GroupPolicy } from '../../main/core/review/policy.ts';
import { patchesOf, UNKNOWN_FACTS, type ReviewPack } from '../../main/core/review/review-pack.ts';
import { PACK } from './review-site.ts';

/** Plans, lists and sites of the tests of coverage. */

export const HOUR = 3_600_000;
export const START = Date.parse('2026-11-20T12:00:00.000Z');
export const at = (hours: number): string => new Date(START + hours * HOUR).toISOString();
export const CUT_OFF = 48;
export const ASKER = 'asker';

export const policyOf = (group: string, fields: Partial<GroupPolicy> = {}): GroupPolicy => ({
  ...{ format: 'sallyport-policy/1', siteId: 's', customer: 'Trust', group, version: 1 },
  ...DEFAULT_POLICY,
  ...{ signedAt: at(0), signedBy: 'A' },
  ...fields,
});
export const inForce = (sha256: string, policy: GroupPolicy, mayGive = true): PolicyInForce => ({
  ...{ sha256, policy, mayGive },
});

/** Two endpoints in two groups, on one of them other versions and no `doc`; `lib` is pulled in, `doc` is no security fix. */
export const NAMES = ['app', 'lib', 'doc'] as const;
export const sha = (name: string): string => name.charCodeAt(0).toString(16).padStart(64, '0');
export const factsOf = (name: string) => ({
  ...{ package: name, source: `${name}-src`, security: name !== 'doc', advisories: [`DSA-${name}`] },
  cves: [`CVE-2026-100${NAMES.indexOf(name as 'app')}`],
});
export type Versions = Readonly<Record<string, Readonly<Record<string, string>>>>;
export const FROM: Versions = { e1: { app: '1', lib: '1', doc: '1' }, e2: { app: '0', lib: '1' } };
export const planOf = (mode: 'hard' | 'soft' = 'hard', version = '2', from: Versions = FROM): Plan => ({
  ...{ format: 'sallyport-plan/1', planId: 'p', siteId: 's', catalogueDigest: 'c' },
  endpoints: ['e1', 'e2'].map((id) => ({
    ...{
      endpointId: id,
      endpointName: id,
      address: '10.0.0.1',
      distribution: 'debian',
      codename: 'bookworm',
    },
    ...{ snapshotMode: mode, restoreOnFailure: true, rebootPolicy: 'never', healthChecks: [] },
    packages: Object.entries(from[id] ?? {}).map(([name, before]) => ({
      ...{ name, arch: 'all', from: before, to: version, sha256: sha(name), requested: name !== 'lib' },
    })),
  })),
});
export const PLAN = planOf();
/** `lib` would come from another version on e1, and `doc` onto e2, where nobody was asked about it. */
export const OTHERWISE = planOf('hard', '2', {
  e1: { app: '1', lib: '0', doc: '1' },
  e2: { app: '0', lib: '1', doc: '1' },
});
export const GROUPS = { e1: 'web', e2: 'db' } as const;
export const packOf = (policies: ReadonlyMap<string, PolicyInForce>): ReviewPack => ({
  ...PACK,
  ...{ createdAt: at(0), cutOffAt: at(CUT_OFF), approvers: 1 },
  groups: Object.values(GROUPS).map((name) => {
    const kept = policies.get(name);
    return { name, policySha256: kept?.sha256 ?? null, policy: kept?.policy ?? null };
  }),
  endpoints: PLAN.endpoints.map((endpoint) => ({
    ...{ id: endpoint.endpointId, name: endpoint.endpointName, snapshotMode: endpoint.snapshotMode },
    ...{ restoreOnFailure: true, rebootPolicy: 'never' as const, scannedAt: null },
    group: GROUPS[endpoint.endpointId as 'e1'],
  })),
  patches: patchesOf(PLAN, (_sha, name) => {
    const { source, security, advisories, cves } = factsOf(name);
    return { ...UNKNOWN_FACTS, severity: '', urgency: '', size: 1, source, security, advisories, cves };
  }),
});
export const siteAt = (
  hours: number,
  policies: ReadonlyMap<string, PolicyInForce>,
  groups: object = GROUPS,
): CoverageSite => ({
  ...{ now: at(hours), requestedBy: ASKER, sameHand: (a, b) => a === b },
  takenFrom: () => null,
  groupOf: (id) => (groups as Record<string, string>)[id],
  customerOf: () => PACK.customer,
  speaksFor: () => true,
  policyOf: (group) => policies.get(group) ?? null,
  factsOf: (item) => factsOf(item.name),
});
export const row = (name: string, verdict: DecidedRow['verdict']): DecidedRow => ({
  ...{ patch: sha(name), verdict, reason: 'r', until: null, control: '' },
});
