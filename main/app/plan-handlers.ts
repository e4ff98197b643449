import type { PlanSummary, PlanView } from '../../contract/runs.ts';
import type { PlanRow } from '../catalogue/plan-store.ts';
import { requirePlan } from './approvals.ts';
import type { Handlers } from './dispatch.ts';
import { beginPlan } from './make-plan.ts';
import { amountsOf } from './plan-facts.ts';
import { planCustomers } from './plan-customers.ts';
import type { Services } from './services.ts';

type PlanHandlers = Pick<Handlers, 'plans.make' | 'plans.get' | 'plans.list'>;

export const planHandlers: PlanHandlers = {
  'plans.make': (input, context) => ({ operationId: beginPlan(context, input) }),
  'plans.get': (input, { services }) => presentPlan(services, requirePlan(services, input.id)),
  'plans.list': (_input, { services }) => {
    const customersOf = planCustomers(services);
    return services.plans.listPlans().map((row) => summarise(services, row, customersOf));
  },
};

function summarise(services: Services, row: PlanRow, customersOf = planCustomers(services)): PlanSummary {
  const packages = row.plan.endpoints.reduce((sum, endpoint) => sum + endpoint.packages.length, 0);
  return {
    ...{ id: row.id, digest: row.digest, createdAt: row.createdAt, createdBy: row.createdBy },
    ...{ endpoints: row.plan.endpoints.length, leftOut: row.leftOut.length },
    ...{ packages, bytes: amountsOf(services, row.plan).bytes, customers: customersOf(row.plan) },
  };
}

export function presentPlan(services: Services, row: PlanRow): PlanView {
  return {
    ...summarise(services, row),
    endpoints: row.plan.endpoints.map((endpoint) => ({
      ...endpoint,
      healthChecks: endpoint.healthChecks.map((check) => ({ ...check, argv: [...check.argv] })),
      packages: endpoint.packages.map((item) => ({ ...item })),
    })),
    leftOut: row.leftOut.map((item) => ({ ...item })),
  };
}
