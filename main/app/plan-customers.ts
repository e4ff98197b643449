import type { Plan } from '../core/plan.ts';
import type { Services } from './services.ts';

/** Whose the endpoints of plans are, in order; nobody is named where nobody said whose a group is. Read once for many plans. */
export function planCustomers({
  endpoints,
  policies,
}: Pick<Services, 'endpoints' | 'policies'>): (plan: Plan) => string[] {
  const owners = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  const owned = new Map(endpoints.list().map(({ id, group }) => [id, owners.get(group) ?? '']));
  return (plan) =>
    [...new Set(plan.endpoints.map(({ endpointId }) => owned.get(endpointId) ?? ''))]
      .filter((customer) => customer !== '')
      .toSorted();
}
