import { CodedError, ContractError, PolicyError, toFailure } from '../../contract/errors.ts';
import type { EndpointRow } from '../catalogue/endpoint-store.ts';
import type { LeftOut, PlanRow } from '../catalogue/plan-store.ts';
import type { Finding } from '../core/assessment.ts';
import type { EndpointPlan, PlannedPackage } from '../core/plan.ts';
import { sliceFor, stageIdOf } from './content.ts';
import { noticePlan } from './notice-steps.ts';
import type { CallContext, Services } from './services.ts';

/** What a plan is asked for: no endpoint or package named means every one. */
export interface Wish {
  readonly endpointIds: readonly string[];
  readonly packages: readonly string[];
  readonly onlySecurity: boolean;
  /** Only these package files on an endpoint, by SHA-256, and nothing that they would pull in beyond them. */
  readonly allowed?: (endpointId: string) => ReadonlySet<string>;
  /** Which findings to take, where names do not say it. */
  readonly picks?: (finding: Finding) => boolean;
  /** What a customer named for at once. */
  readonly outOfCycle?: true;
}

/**
 * Starts making a plan.
 *
 * @param alongside what belongs to the plan, in the same transaction
 * @returns id of the operation, whose result is `{planId, digest}`
 */
export function beginPlan(
  context: CallContext,
  wish: Wish,
  alongside: (plan: PlanRow) => void = () => undefined,
): string {
  const { services } = context;
  services.lease.acquire();
  const createdBy = context.person().name;
  const outOfCycle = wish.outOfCycle === true;
  const rows =
    wish.endpointIds.length === 0
      ? services.endpoints.list()
      : wish.endpointIds.map((id) => services.reach.endpoint(id));
  return services.operations.begin('plan', `Plan for ${rows.length} endpoints`, async (report, signal) => {
    const endpoints: EndpointPlan[] = [];
    const leftOut: LeftOut[] = [];
    const queue = [...rows];
    report({ done: 0, total: rows.length });
    const worker = async (): Promise<void> => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
        signal.throwIfAborted();
        report({ activity: `Asking ${row.name} what its package manager would do` });
        try {
          endpoints.push(await planEndpoint(services, row, wish, signal));
        } catch (error) {
          if (signal.aborted || !(error instanceof CodedError) || error.code === 'VAULT_LOCKED') throw error;
          const { code, message } = toFailure(error);
          leftOut.push({ endpointId: row.id, endpointName: row.name, code, message });
        }
        report({ done: endpoints.length + leftOut.length });
      }
    };
    await Promise.all(Array.from({ length: Math.min(8, rows.length) }, worker));
    if (endpoints.length === 0) {
      const why = leftOut.map((item) => `${item.endpointName}: ${item.message}`).join(' ');
      throw new ContractError('RUN_NOTHING_TO_DO', `There is nothing to plan. ${why}`.trim(), {
        hint: 'Scan the endpoints and import a bundle that carries what they need.',
      });
    }
    const row = context.commit({ endpoints: endpoints.map((item) => item.endpointName).join(' ') }, () => {
      const made = services.plans.insertPlan(
        {
          format: 'sallyport-plan/1',
          planId: services.newId(),
          siteId: services.site.getSetting('site.id') ?? '',
          catalogueDigest: services.catalogue.listBundles()[0]?.manifestSha256 ?? '',
          endpoints,
        },
        leftOut,
        createdBy,
        services.now(),
      );
      alongside(made);
      noticePlan(services, made, outOfCycle);
      return made;
    });
    services.publish({ kind: 'changed', area: 'plans', id: row.id });
    return { planId: row.id, digest: row.digest };
  });
}

/** The whole transaction that the endpoint's own package manager would make of the patches asked for. */
async function planEndpoint(
  services: Services,
  row: EndpointRow,
  wish: Wish,
  signal: AbortSignal,
): Promise<EndpointPlan> {
  const inventory = services.findings.inventoryOf(row)?.inventory;
  if (inventory === undefined) {
    throw new ContractError('RUN_NOTHING_TO_DO', `${row.name} has not been scanned.`, {
      hint: 'Scan it first.',
    });
  }
  const allowed = wish.allowed?.(row.id);
  const findings = services.findings
    .of(row)
    .filter(
      (finding) =>
        finding.carried &&
        !finding.held &&
        (!wish.onlySecurity || finding.security) &&
        (allowed?.has(finding.candidate.sha256) ?? true) &&
        (wish.picks?.(finding) ?? true) &&
        (wish.packages.length === 0 || wish.packages.includes(finding.name)),
    );
  if (findings.length === 0) {
    throw new ContractError(
      'RUN_NOTHING_TO_DO',
      `${row.name} needs nothing of what was chosen that the site has.`,
    );
  }
  const release = {
    distribution: inventory.distribution,
    codename: inventory.codename,
    arch: inventory.arch,
  };
  const driver = services.reach.driverFor(row.id);
  const session = await services.reach.connect(row.id, signal);
  const stageId = stageIdOf('plan', services.newId());
  try {
    const changes = await driver.simulate(
      session,
      {
        stageId,
        repositories: sliceFor(services, release, []),
        wanted: findings.map(({ name, arch, candidate }) => ({ name, arch, version: candidate.version })),
      },
      signal,
    );
    const offers = services.catalogue.loadAssessmentCatalogue(
      release,
      changes.map((change) => change.name),
    ).offers;
    const requested = new Set(findings.map((finding) => `${finding.name}:${finding.arch}`));
    const packages = changes.map((change): PlannedPackage => {
      if (change.to === null) {
        throw new PolicyError(
          'PATCHING_TRANSACTION_DIFFERS',
          `${row.name} would remove ${change.name}, which is never part of a plan.`,
        );
      }
      const offer = offers.find(
        (item) =>
          item.name === change.name &&
          item.version === change.to &&
          (item.arch === change.arch || item.arch === 'all'),
      );
      if (offer?.carried !== true) {
        throw new ContractError(
          'CONTENT_MISSING',
          `${row.name} would also need ${change.name} ${change.to}, which no bundle has brought.`,
          {
            hint: 'Export a new needs-list and collect again.',
          },
        );
      }
      if (allowed?.has(offer.sha256) === false) {
        throw new PolicyError(
          'REVIEW_NEEDS_UNAPPROVED',
          `${row.name} would also need ${change.name} ${change.to}, which the customer did not approve.`,
          { hint: 'Ask for approval of both, or of neither.' },
        );
      }
      return {
        name: change.name,
        arch: change.arch,
        from: change.from,
        to: change.to,
        sha256: offer.sha256,
        requested: requested.has(`${change.name}:${change.arch}`),
      };
    });
    return {
      endpointId: row.id,
      endpointName: row.name,
      address: row.address,
      distribution: inventory.distribution,
      codename: inventory.codename,
      snapshotMode: row.snapshotMode,
      restoreOnFailure: row.restoreOnFailure,
      rebootPolicy: row.rebootPolicy,
      healthChecks: row.healthChecks,
      packages,
    };
  } finally {
    try {
      // Asking must leave nothing behind.
      await driver.cleanUp(session, stageId);
    } finally {
      await session.close();
    }
  }
}
