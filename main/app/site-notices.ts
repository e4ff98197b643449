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
