import type { KeepReason } from '../../contract/vocabulary.ts';
import type { FixPhase } from '../core/clocks.ts';
import type { Plan } from '../core/plan.ts';
import { statusOf } from './approvals.ts';
import type { Services } from './services.ts';
import { siteTime } from './statements.ts';

interface OpenPlan {
  readonly plan: Plan;
  readonly phase: Exclude<FixPhase, 'none'>;
  readonly reason: KeepReason;
  /** Endpoints whose part is still open; the others have ended. */
  readonly endpoints: ReadonlySet<string> | 'all';
}

/** Days after which a plan that nobody asked approval of counts as put aside. */
const PLAN_DAYS = 30;

/** Plans that may still be carried out, or whose effect may still be taken back. */
function listOpenPlans(services: Services): OpenPlan[] {
  const now = services.now();
  const reached = siteTime(services);
  const plans = services.plans.listPlans();
  const approvals = services.plans.listApprovals();
  const byId = new Map(plans.map((row) => [row.id, row]));
  const open: OpenPlan[] = [];
  const asked = new Set<string>();
  for (const approval of approvals) {
    asked.add(approval.planId);
    const status = statusOf(approval, reached);
    const plan = byId.get(approval.planId)?.plan;
    if (plan !== undefined && (status === 'requested' || status === 'granted'))
      open.push({ plan, phase: status, reason: 'approval', endpoints: 'all' });
  }
  const since = new Date(Date.parse(now) - PLAN_DAYS * 86_400_000).toISOString();
  for (const row of plans)
    if (!asked.has(row.id) && row.createdAt >= since)
      open.push({ plan: row.plan, phase: 'planned', reason: 'plan', endpoints: 'all' });

  const endpointsByRun = new Map<string, Set<string>>();
  for (const { runId, endpointId } of services.journal.openTasks())
    endpointsByRun.set(runId, (endpointsByRun.get(runId) ?? new Set()).add(endpointId));
  for (const [runId, endpoints] of endpointsByRun) {
    const plan = byId.get(services.plans.getRun(runId)?.planId ?? '')?.plan;
    if (plan !== undefined) open.push({ plan, phase: 'running', reason: 'run', endpoints });
  }
  return open;
}

/** How far each patch is on its way to each endpoint, by `endpoint id` and the patch's hash. */
export function readPhases(services: Services): ReadonlyMap<string, FixPhase> {
  const order: readonly FixPhase[] = ['none', 'planned', 'requested', 'granted', 'running'];
  const phases = new Map<string, FixPhase>();
  for (const { plan, phase, endpoints } of listOpenPlans(services)) {
    for (const endpoint of plan.endpoints) {
      if (endpoints !== 'all' && !endpoints.has(endpoint.endpointId)) continue;
      for (const item of endpoint.packages) {
        const key = `${endpoint.endpointId} ${item.sha256}`;
        if (order.indexOf(phase) > order.indexOf(phases.get(key) ?? 'none')) phases.set(key, phase);
      }
    }
  }
  return phases;
}

/** Hashes of all content that somebody may still ask for. */
export function readNeeds(services: Services): Record<KeepReason, Set<string>> {
  const needs: Record<KeepReason, Set<string>> = {
    run: new Set(),
    approval: new Set(),
    plan: new Set(),
    restore: new Set(),
    finding: new Set(),
  };
  const addPlan = (reason: KeepReason, plan: Plan): void => {
    for (const { packages } of plan.endpoints) for (const { sha256 } of packages) needs[reason].add(sha256);
  };
  for (const { plan, reason } of listOpenPlans(services)) addPlan(reason, plan);
  // A restore undoes a run, and the run is then done again: from the same plan.
  for (const snapshot of services.snapshots.list()) {
    if (snapshot.deletedAt !== null) continue;
    const plan = services.plans.getPlan(services.plans.getRun(snapshot.runId)?.planId ?? '')?.plan;
    if (plan !== undefined) addPlan('restore', plan);
  }
  for (const findings of services.findings.ofAll(services.endpoints.list()).values())
    for (const { candidate } of findings) needs.finding.add(candidate.sha256);
  return needs;
}
