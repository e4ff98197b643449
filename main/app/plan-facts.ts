import type { ApprovalDetail } from '../../contract/runs.ts';
import type { PatchSummary } from '../catalogue/catalogue-store.ts';
import type { Plan } from '../core/plan.ts';
import { presentRisk } from './present-risk.ts';
import type { Services } from './services.ts';

type PatchFact = ApprovalDetail['patches'][number];

/** One row for each distinct package version of a plan, with what the catalogue knows of it and where it goes. */
export function advisoryFactsOf(services: Pick<Services, 'catalogue' | 'risk'>, plan: Plan): PatchFact[] {
  const rows = new Map<string, PatchFact>();
  const known = services.catalogue.describePatches(hashesOf(plan));
  for (const endpoint of plan.endpoints) {
    for (const item of endpoint.packages) {
      const row = rows.get(item.sha256) ?? newFact(services, known.get(item.sha256)?.patch, item);
      row.endpoints.push({ name: endpoint.endpointName, from: item.from });
      row.requested ||= item.requested;
      rows.set(item.sha256, row);
    }
  }
  return [...rows.values()].sort((a, b) =>
    a.source === b.source ? cmp(a.package, b.package) : cmp(a.source, b.source),
  );
}

/** What lists say of a plan, as far as the catalogue knows. */
interface Amounts {
  /** CVEs that it closes and that the vendor names. */
  readonly cves: number;
  readonly bytes: number;
}

const counted = new WeakMap<Plan, Amounts & { readonly stamp: string }>();

/** Lists ask this of all their plans, again and again: it is counted anew when a bundle was imported. */
export function amountsOf({ catalogue }: Pick<Services, 'catalogue'>, plan: Plan): Amounts {
  const stamp = catalogue.stamp();
  const known = counted.get(plan);
  if (known?.stamp === stamp) return known;
  const cves = new Set<string>();
  let bytes = 0;
  for (const { patch } of catalogue.describePatches(hashesOf(plan)).values()) {
    bytes += patch.size;
    for (const cve of patch.cves) cves.add(cve);
  }
  const amounts = { stamp, cves: cves.size, bytes };
  counted.set(plan, amounts);
  return amounts;
}

const hashesOf = (plan: Plan): string[] => [
  ...new Set(plan.endpoints.flatMap((item) => item.packages.map(({ sha256 }) => sha256))),
];

function newFact(
  { risk }: Pick<Services, 'risk'>,
  patch: PatchSummary | undefined,
  item: { name: string; arch: string; to: string; sha256: string },
): PatchFact {
  return {
    package: item.name,
    arch: item.arch,
    to: item.to,
    source: patch?.source ?? item.name,
    severity: patch?.severity ?? 'not stated',
    urgency: patch?.urgency ?? '',
    security: patch?.security ?? false,
    cves: [...(patch?.cves ?? [])],
    risk: presentRisk(
      risk.judge(patch?.cves ?? [], {
        security: patch?.security ?? false,
        severity: patch?.severity ?? 'not stated',
      }),
    ),
    size: patch?.size ?? 0,
    requested: false,
    endpoints: [],
  };
}

const cmp = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
