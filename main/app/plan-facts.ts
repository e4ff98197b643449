import type { ApprovalDetail } from '../../contract/runs.ts';
import type { Plan } from '../core/plan.ts';
import { presentRisk } from './present-risk.ts';
import type { Services } from './services.ts';

type PatchFact = ApprovalDetail['patches'][number];

/** One row for each distinct package version of a plan, with what the catalogue knows of it and where it goes. */
export function advisoryFactsOf(services: Pick<Services, 'catalogue' | 'risk'>, plan: Plan): PatchFact[] {
  const rows = new Map<string, PatchFact>();
  for (const endpoint of plan.endpoints) {
    for (const item of endpoint.packages) {
      const row = rows.get(item.sha256) ?? newFact(services, item);
      row.endpoints.push({ name: endpoint.endpointName, from: item.from });
      row.requested ||= item.requested;
      rows.set(item.sha256, row);
    }
  }
  return [...rows.values()].sort((a, b) =>
    a.source === b.source ? cmp(a.package, b.package) : cmp(a.source, b.source),
  );
}

function newFact(
  { catalogue, risk }: Pick<Services, 'catalogue' | 'risk'>,
  item: { name: string; arch: string; to: string; sha256: string },
): PatchFact {
  const id = catalogue.findPatchId(item.sha256);
  const patch = id === undefined ? undefined : catalogue.getPatch(id);
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
