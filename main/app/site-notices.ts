import { sayTime } from '../core/raci/notice-words.ts';
import { everyCustomer, openNotices } from './notices.ts';
import type { Services } from './services.ts';

/** Steps of the site itself, and what its customers sign, in the words of their notices. Each belongs into the transaction of its step. */

export function noticeBundle(
  services: Services,
  bundle: { readonly id: string; readonly key: string; readonly by: string },
): void {
  openNotices(services, {
    ...{ kind: 'bundle-imported', key: bundle.key, subject: 'bundle', subjectId: bundle.id, by: bundle.by },
    customers: everyCustomer(services),
    say: () => `${bundle.by} imported bundle ${bundle.id}.`,
  });
}

/** Versions of our agent that a bundle brought. */
export function noticeAgents(
  services: Services,
  bundle: {
    readonly id: string;
    readonly key: string;
    readonly by: string;
    readonly versions: readonly string[];
  },
): void {
  const { id, key, by, versions } = bundle;
  const what = versions.length === 1 ? 'version' : 'versions';
  openNotices(services, {
    ...{ kind: 'agents-imported', key, subject: 'bundle', subjectId: id, by },
    customers: everyCustomer(services),
    say: () => `${by} imported ${what} ${versions.join(', ')} of the agent with bundle ${id}.`,
  });
}

/** An endpoint goes into another patch group. Whoever loses or gains it reads nothing of the other's group. */
export function noticeMove(
  services: Services,
  move: {
    readonly endpoint: { readonly id: string; readonly name: string; readonly group: string };
    readonly to: string;
    readonly by: string;
  },
): void {
  const { endpoint, to, by } = move;
  if (endpoint.group === to) return;
  const groups = new Map(services.policies.listGroups().map(({ name, customer }) => [name, customer]));
  const before = groups.get(endpoint.group) ?? '';
  const after = groups.get(to) ?? '';
  openNotices(services, {
    ...{ kind: 'group-changed', key: services.newId(), subject: 'endpoint', subjectId: endpoint.id, by },
    ...{ customers: [before, after], endpointIds: [endpoint.id] },
    say: (customer) => {
      if (customer === null || before === after)
        return `${by} moved ${endpoint.name} from the patch group ${endpoint.group} to ${to}.`;
      return customer === before
        ? `${by} took ${endpoint.name} out of the patch group ${endpoint.group}.`
        : `${by} put ${endpoint.name} into the patch group ${to}.`;
    },
  });
}

/** A patch group is said to be a customer's. */
export function noticeGroup(
  services: Services,
  change: { readonly group: string; readonly before: string; readonly customer: string; readonly by: string },
): void {
  const { group, before, customer: after, by } = change;
  if (before === after) return;
  openNotices(services, {
    ...{ kind: 'group-changed', key: services.newId(), subject: 'group', subjectId: group, by },
    customers: [before, after].filter((name) => name !== ''),
    say: (customer) => {
      if (customer === before) return `${by} said that the patch group ${group} is no longer of ${before}.`;
      const instead = customer === null && before !== '' ? ` instead of ${before}` : '';
      return `${by} said that the patch group ${group} is of ${after}${instead}.`;
    },
  });
}

export function noticeEmergency(
  services: Services,
  request: {
    readonly sha256: string;
    readonly by: string;
    readonly customer: string;
    readonly until: string;
  },
): void {
  openNotices(services, {
    ...{ kind: 'emergency-requested', key: request.sha256, subject: 'request', subjectId: request.sha256 },
    ...{ by: request.by, customers: [request.customer] },
    say: () => `${request.by} asks for patches out of cycle, until ${sayTime(request.until)}.`,
  });
}

export function noticePolicy(
  services: Services,
  policy: {
    readonly sha256: string;
    readonly group: string;
    readonly version: number;
    readonly by: string;
    readonly customer: string;
  },
): void {
  openNotices(services, {
    ...{ kind: 'policy-changed', key: policy.sha256, subject: 'policy', subjectId: policy.sha256 },
    ...{ by: policy.by, customers: [policy.customer] },
    say: () => `${policy.by} signed version ${policy.version} of the policy of ${policy.group}.`,
  });
}

export function noticeMatrix(
  services: Services,
  change: { readonly version: number; readonly by: string; readonly reason: string },
): void {
  const { version, by, reason } = change;
  const id = String(version);
  const isShared = new Set(services.policies.listGroups().map(({ customer }) => customer)).size > 1;
  openNotices(services, {
    ...{ kind: 'matrix-changed', key: id, subject: 'matrix', subjectId: id, by },
    customers: everyCustomer(services),
    // A reason may name one customer to another.
    say: (customer) => {
      const why = customer !== null && isShared ? '.' : `: ${reason}`;
      return `${by} changed who answers for what, version ${id}${why}`;
    },
  });
}
