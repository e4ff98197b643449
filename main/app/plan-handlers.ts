import type { PlanView } from '../../contract/runs.ts';
import type { PlanRow } from '../catalogue/plan-store.ts';
import { requirePlan } from './approvals.ts';
import type { Handlers } from './dispatch.ts';
import { beginPlan } from './make-plan.ts';
import type { Services } from './services.ts';

type PlanHandlers = Pick<Handlers, 'plans.make' | 'plans.get' | 'plans.list'>;

export const planHandlers: PlanHandlers = {
  'plans.make': (input, context) => ({ operationId: beginPlan(context, input) }),
  'plans.get': (input, { services }) => presentPlan(services, requirePlan(services, input.id)),
  'plans.list': (_input, { services }) => services.plans.listPlans().map((row) => presentPlan(services, row)),
};

export function presentPlan(services: Services, row: PlanRow): PlanView {
  const packages = row.plan.endpoints.flatMap((endpoint) => endpoint.packages);
  const distinct = new Set(packages.map((item) => item.sha256));
  const bytes = services.catalogue.sizeOf([...distinct]);
  return {
    id: row.id,
    digest: row.digest,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    endpoints: row.plan.endpoints.map((endpoint) => ({
      ...endpoint,
      healthChecks: endpoint.healthChecks.map((check) => ({ ...check, argv: [...check.argv] })),
      packages: endpoint.packages.map((item) => ({ ...item })),
    })),
    leftOut: row.leftOut.map((item) => ({ ...item })),
    packages: packages.length,
    bytes,
  };
}
