import type { PatchSummary } from '../catalogue/catalogue-store.ts';
import { FIX_DAYS, isTimed } from '../core/clocks.ts';
import type { Plan } from '../core/plan.ts';
import { historyOf } from '../core/review/pack-history.ts';
import { pulledIn } from '../core/review/pulled-in.ts';
import { restartOf } from '../core/review/restart.ts';
import { patchesOf, UNKNOWN_FACTS, type PackPatch, type ReviewPack } from '../core/review/review-pack.ts';
import type { QualityRow } from '../catalogue/queue-store.ts';
import { inSlices, type Pace } from './in-slices.ts';
import { answersTo } from './pack-answers.ts';
import { decidedLists, listedEndpoints } from './decided-lists.ts';
import type { Services } from './services.ts';

const DAY_MS = 86_400_000;

/** The rows of a new pack with everything a decision needs, and how they differ from what its groups last approved. */
export async function packRows(
  services: Services,
  plan: Plan,
  { customer, endpoints }: Pick<ReviewPack, 'customer' | 'endpoints'>,
  pace: Pace,
): Promise<{ readonly patches: PackPatch[]; readonly diff: ReviewPack['diff'] }> {
  const { catalogue, queue, site } = services;
  const wanted = new Set(plan.endpoints.flatMap((endpoint) => endpoint.packages.map((item) => item.sha256)));
  const known = new Map<string, Known>();
  const quality = new Map<string, QualityRow>();
  await inSlices({ step: 'facts', activity: 'Looking up the patches' }, [...wanted], pace, (slice) => {
    for (const [sha256, facts] of catalogue.describePatches(slice)) known.set(sha256, facts);
    for (const [sha256, check] of queue.qualityOf(slice)) quality.set(sha256, check);
  });
  const rows = patchesOf(plan, (sha256, name) => factsOf(services, known.get(sha256), name));
  const history = historyOf(rows, listedEndpoints(endpoints, plan), decidedLists(services, customer));
  const pulls = pulledIn(plan);
  const answers = answersTo(services, customer);
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const patches = rows.map((row): PackPatch => {
    const { clockFrom, dueAt, ...before } = history.of(row);
    const check = quality.get(row.sha256);
    const releasedAt = earlier(clockFrom, row.releasedAt);
    return {
      ...row,
      ...before,
      releasedAt,
      dueAt: earlier(dueAt, dueOf(row, releasedAt)),
      pullsIn: pulls.get(row.sha256)?.slice() ?? null,
      quality:
        check === undefined
          ? null
          : { verdict: check.verdict, note: check.note, by: nameOf(check.checkedBy), at: check.checkedAt },
      answers: answers.get(`${row.package}:${row.arch}`) ?? [],
    };
  });
  return { patches, diff: history.diff };
}

interface Known {
  readonly patch: PatchSummary;
  readonly releasedAt: string | null;
}

function factsOf(
  { risk }: Services,
  known: Known | undefined,
  name: string,
): Parameters<typeof patchesOf>[1] extends (...args: never[]) => infer F ? F : never {
  if (known === undefined) {
    const nothing = { severity: 'not stated', urgency: '', security: false, cves: [], size: 0 };
    return { ...UNKNOWN_FACTS, ...nothing, source: name, reboot: restartOf(name) };
  }
  const { patch, releasedAt } = known;
  const judged = risk.judge(patch.cves, { security: patch.security, severity: patch.severity });
  return {
    ...UNKNOWN_FACTS,
    ...{ source: patch.source, severity: patch.severity, urgency: patch.urgency, security: patch.security },
    ...{ cves: [...patch.cves], advisories: [...patch.advisories], size: patch.size },
    ...{ kev: judged.kev ?? 'unknown', epss: judged.epss, cvss: judged.cvss?.base ?? null },
    releasedAt,
    reboot: restartOf(name),
  };
}

const earlier = (a: string | null, b: string | null): string | null =>
  a === null ? b : b === null || a < b ? a : b;

/** End of the 14 days; `null` for what no clock runs for, or nobody knows when it began. */
function dueOf(
  row: Pick<PackPatch, 'security' | 'severity' | 'cvss'>,
  releasedAt: string | null,
): string | null {
  const severity = row.severity as PatchSummary['severity'];
  if (releasedAt === null || !isTimed({ security: row.security, severity, cvss: row.cvss })) return null;
  return new Date(Date.parse(releasedAt) + FIX_DAYS * DAY_MS).toISOString();
}
