import type { PatchSummary } from '../catalogue/catalogue-store.ts';
import { FIX_DAYS, isTimed } from '../core/clocks.ts';
import type { Plan } from '../core/plan.ts';
import { historyOf, type DecidedList } from '../core/review/pack-history.ts';
import { pulledIn } from '../core/review/pulled-in.ts';
import { restartOf } from '../core/review/restart.ts';
import { patchesOf, UNKNOWN_FACTS, type PackPatch, type ReviewPack } from '../core/review/review-pack.ts';
import type { QualityRow } from '../catalogue/queue-store.ts';
import { inSlices, type Pace } from './in-slices.ts';
import { answersTo } from './pack-answers.ts';
import type { Services } from './services.ts';

const DAY_MS = 86_400_000;

/** The rows of a new pack with everything a decision needs, and how they differ from the customer's last list. */
export async function packRows(
  services: Services,
  plan: Plan,
  customer: string,
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
  const lists = decidedLists(services, customer);
  const history = historyOf(rows, lists);
  const pulls = pulledIn(plan);
  const answers = answersTo(services, customer);
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const patches = rows.map((row): PackPatch => {
    const { clockFrom, ...before } = history.of(row);
    const check = quality.get(row.sha256);
    const releasedAt = clockFrom !== null && (row.releasedAt ?? '9') > clockFrom ? clockFrom : row.releasedAt;
    return {
      ...row,
      ...before,
      releasedAt,
      dueAt: dueOf(row, releasedAt),
      pullsIn: [...(pulls.get(row.sha256) ?? [])],
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

/** End of the 14 days; `null` for what no clock runs for, or nobody knows when it began. */
function dueOf(
  row: Pick<PackPatch, 'security' | 'severity' | 'cvss'>,
  releasedAt: string | null,
): string | null {
  const severity = row.severity as PatchSummary['severity'];
  if (releasedAt === null || !isTimed({ security: row.security, severity, cvss: row.cvss })) return null;
  return new Date(Date.parse(releasedAt) + FIX_DAYS * DAY_MS).toISOString();
}

type DecidedVerdict = DecidedList['verdicts'] extends ReadonlyMap<string, infer V> ? V : never;

/** One word against a patch outweighs any number for it. */
const GRAVITY = ['approve', 'ask', 'defer', 'reject'] as const;

/** The lists of this customer that were answered, oldest first. */
function decidedLists(services: Services, customer: string): DecidedList[] {
  const lists: DecidedList[] = [];
  for (const row of services.reviews.listPacks().toReversed()) {
    if (services.queue.findFacts(row.id)?.customer !== customer) continue;
    const decisions = services.readPacks.decisionsOn(row.id);
    if (decisions.length === 0) continue;
    const pack = services.readPacks.get(row.id);
    if (pack === null) continue;
    const verdicts = new Map<string, DecidedVerdict>();
    for (const { decision } of decisions) {
      for (const { patch, verdict, reason, until, control } of decision.rows) {
        const known = verdicts.get(patch);
        if (known !== undefined && GRAVITY.indexOf(known.verdict) >= GRAVITY.indexOf(verdict)) continue;
        verdicts.set(patch, { verdict, reason, until, control, at: decision.decidedAt });
      }
    }
    lists.push({ packId: row.id, createdAt: row.createdAt, patches: pack.patches, verdicts });
  }
  return lists;
}
