import type { BundleView } from '../../../contract/catalogue.ts';
import type { QueueItem } from '../../../contract/queue.ts';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import type { ApprovalView, PlanSummary, RunSummary } from '../../../contract/runs.ts';
import type { Hypervisor, Incident } from '../../../contract/site.ts';
import type { Role } from '../../../contract/vocabulary.ts';
import { formatAge, formatWhenInside } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';
import { closingLists, nameList } from '../../stores/approvals-store.ts';
import type { OperateScreen } from '../../stores/navigation-store.ts';

export interface Destination {
  readonly screen: OperateScreen;
  readonly objectId?: string | null;
  readonly section?: string;
}

/** Everything that Today is read from. Nothing is shown there that is not in it. */
export interface SiteReading {
  readonly roles: readonly Role[];
  readonly endpoints: readonly EndpointSummary[];
  readonly approvals: readonly ApprovalView[];
  readonly plans: readonly PlanSummary[];
  readonly queue: readonly QueueItem[];
  readonly runs: readonly RunSummary[];
  readonly incidents: readonly Incident[];
  readonly hypervisors: readonly Hypervisor[];
  readonly bundles: readonly BundleView[];
  readonly now: number;
}

interface Waiting {
  readonly text: string;
  readonly detail: string;
  readonly to: Destination;
}

interface Concern extends Waiting {
  readonly tone: Tone;
}

export const CATALOGUE_DAYS = 30;
const DAY_MS = 86_400_000;

/** What an engineer can move on beside what the matrix gives them: lists to close, keys to compare, plans that nobody asked for. */
export function findWaiting(site: SiteReading): Waiting[] {
  if (!site.roles.includes('engineer')) return [];
  const found: Waiting[] = closingLists(site.queue).map((item) => ({
    text: `Close the list ${nameList(item)}`,
    detail:
      item.state === 'open'
        ? 'Standing approvals cover all of it'
        : `The cut-off passed ${formatAge(item.cutOffAt ?? item.requestedAt, site.now)}: what the policy makes of silence counts`,
    to: { screen: 'approvals', objectId: item.approvalId },
  }));
  const unpinned = site.endpoints.filter((endpoint) => endpoint.hostKey === null);
  const [firstUnpinned] = unpinned;
  if (firstUnpinned !== undefined) {
    found.push({
      text: `Compare ${countOf(unpinned.length, 'host key')}`,
      detail: 'No credential is sent to an endpoint before its key is pinned',
      to: { screen: 'endpoints', objectId: firstUnpinned.id, section: 'access' },
    });
  }
  const asked = new Set(site.approvals.map((approval) => approval.planId));
  for (const plan of site.plans) {
    if (asked.has(plan.id)) continue;
    found.push({
      text: `Ask for approval of a plan for ${countOf(plan.endpoints, 'endpoint')}`,
      detail: `Made by ${plan.createdBy} ${formatAge(plan.createdAt, site.now)}`,
      to: { screen: 'approvals', objectId: plan.id },
    });
  }
  return found;
}

/** What is wrong, the worst first. */
export function findConcerns(site: SiteReading): Concern[] {
  const found: Concern[] = [];
  for (const run of site.runs) {
    const count = run.outcomes['needs-attention'] ?? 0;
    if (count > 0) {
      found.push({
        text: `${countOf(count, 'endpoint needs', 'endpoints need')} a person's decision`,
        detail: `Run of ${formatWhenInside(run.startedAt, site.now)}`,
        to: { screen: 'runs', objectId: run.id },
        tone: 'bad',
      });
    }
  }
  const failed = site.endpoints.filter((endpoint) => endpoint.scanFailure !== null);
  const [firstFailed] = failed;
  if (firstFailed !== undefined) {
    found.push({
      text: `${countOf(failed.length, 'endpoint')} could not be scanned`,
      detail:
        failed.length === 1
          ? `${firstFailed.name}: ${firstFailed.scanFailure?.message ?? ''}`
          : `${firstFailed.name} and others`,
      to: { screen: 'endpoints', objectId: firstFailed.id },
      tone: 'bad',
    });
  }
  const newest = newestBundleAt(site.bundles);
  if (newest !== null && site.now - newest > CATALOGUE_DAYS * DAY_MS) {
    found.push({
      text: `The catalogue is older than ${CATALOGUE_DAYS} days`,
      detail: `Newest bundle made ${formatAge(newest, site.now)}`,
      to: { screen: 'catalogue', section: 'import' },
      tone: 'warn',
    });
  }
  const unpinned = site.hypervisors.filter((hypervisor) => hypervisor.hostKey === null);
  if (unpinned.length > 0) {
    found.push({
      text: `${countOf(unpinned.length, 'hypervisor has', 'hypervisors have')} no pinned host key`,
      detail: 'No snapshot can be taken there',
      to: { screen: 'settings', section: 'hypervisors' },
      tone: 'warn',
    });
  }
  const recent = site.incidents.filter((incident) => site.now - Date.parse(incident.openedAt) < 7 * DAY_MS);
  const [firstIncident] = recent;
  if (firstIncident !== undefined) {
    found.push({
      text: `${countOf(recent.length, 'incident')} in the last seven days`,
      detail: firstIncident.message,
      to: { screen: 'incidents', objectId: firstIncident.id },
      tone: 'warn',
    });
  }
  return found;
}

export interface NextStep {
  readonly text: string;
  readonly action: string;
  readonly to: Destination;
}

/** The one step that moves the site on, from an empty one to the monthly round. */
export function findNextStep(site: SiteReading): NextStep {
  const running = site.runs.find((run) => run.status === 'running');
  if (running !== undefined) {
    return {
      text: `A run is under way on ${countOf(running.endpoints, 'endpoint')}.`,
      action: 'Watch the run',
      to: { screen: 'runs', objectId: running.id },
    };
  }
  const [toDecide] = site.approvals.filter(
    (approval) => approval.status === 'requested' && approval.mayDecide,
  );
  if (toDecide !== undefined) {
    return {
      text: `${toDecide.requestedBy} waits for your decision on ${countOf(toDecide.packages, 'package')}.`,
      action: 'Look at it',
      to: { screen: 'approvals', objectId: toDecide.id },
    };
  }
  if (site.endpoints.length === 0) {
    return {
      text: 'Say which endpoints this site looks after. Sallyport connects to no others.',
      action: 'Add an endpoint',
      to: { screen: 'endpoints', objectId: null, section: 'add' },
    };
  }
  if (site.bundles.length === 0) {
    return {
      text: 'The catalogue is empty: import the first bundle to know which patches there are.',
      action: 'Import a bundle',
      to: { screen: 'catalogue', section: 'import' },
    };
  }
  if (site.endpoints.every((endpoint) => endpoint.scannedAt === null)) {
    return {
      text: 'No endpoint was scanned yet: a scan reads what is installed and changes nothing.',
      action: 'Go to the endpoints',
      to: { screen: 'endpoints', objectId: null },
    };
  }
  const [granted] = site.approvals.filter((approval) => approval.status === 'granted');
  if (granted !== undefined) {
    return {
      text: `${countOf(granted.packages, 'package')} for ${countOf(granted.endpoints, 'endpoint')} are approved and can be installed.`,
      action: 'Look at the approval',
      to: { screen: 'approvals', objectId: granted.id },
    };
  }
  const [closing] = site.roles.includes('engineer') ? closingLists(site.queue) : [];
  if (closing !== undefined) {
    return {
      text: `Nobody has to answer the list ${nameList(closing)} any more: closed, it comes to its outcome.`,
      action: 'Look at the list',
      to: { screen: 'approvals', objectId: closing.approvalId },
    };
  }
  const requested = site.approvals.filter((approval) => approval.status === 'requested');
  if (requested.length > 0) {
    return {
      text: `${countOf(requested.length, 'plan waits', 'plans wait')} for somebody else's decision.`,
      action: 'Look at the queue',
      to: { screen: 'approvals' },
    };
  }
  const security = site.endpoints.filter((endpoint) => endpoint.findings.security > 0).length;
  const any = site.endpoints.filter((endpoint) => endpoint.findings.total > 0).length;
  if (any > 0) {
    return {
      text:
        security > 0
          ? `${countOf(security, 'endpoint lacks', 'endpoints lack')} security patches that the catalogue knows.`
          : `${countOf(any, 'endpoint lacks', 'endpoints lack')} patches that the catalogue knows.`,
      action: 'Make a plan',
      to: { screen: 'endpoints', objectId: null, section: 'plan' },
    };
  }
  return {
    text: 'Every endpoint has what the catalogue holds. The next bundle moves this on.',
    action: 'Import a bundle',
    to: { screen: 'catalogue', section: 'import' },
  };
}

export function newestBundleAt(bundles: readonly BundleView[]): number | null {
  const times = bundles.map((bundle) => Date.parse(bundle.createdAt));
  return times.length === 0 ? null : Math.max(...times);
}
