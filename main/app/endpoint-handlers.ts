import { CodedError, ContractError, toFailure } from '../../contract/errors.ts';
import type { EndpointSummary, Finding as FindingView } from '../../contract/endpoints.ts';
import type { Hypervisor } from '../../contract/site.ts';
import type { EndpointRow, HypervisorRow } from '../catalogue/endpoint-store.ts';
import type { Finding } from '../core/assessment.ts';
import { riskRank } from '../core/risk/order.ts';
import type { JudgedRisk } from '../catalogue/risk-store.ts';
import type { Handlers } from './dispatch.ts';
import type { Credential } from './reach.ts';
import { lastOutcomeOf } from './present-runs.ts';
import { noticeScan } from './notice-steps.ts';
import { presentRisk } from './present-risk.ts';
import type { CallContext, Services } from './services.ts';

type EndpointHandlers = Pick<
  Handlers,
  | 'hypervisors.list'
  | 'hypervisors.add'
  | 'hypervisors.readHostKey'
  | 'hypervisors.pinHostKey'
  | 'endpoints.list'
  | 'endpoints.get'
  | 'endpoints.add'
  | 'endpoints.readHostKey'
  | 'endpoints.pinHostKey'
  | 'endpoints.scan'
  | 'findings.list'
>;

/** Scans at once: key exchange is the cost, and more gains nothing on two cores. */
const SCANS_AT_ONCE = 12;

export const endpointHandlers: EndpointHandlers = {
  'hypervisors.list': (_input, { services }) => services.endpoints.listHypervisors().map(presentHypervisor),
  'hypervisors.add': (input, context) => {
    const { services } = context;
    if (services.endpoints.listHypervisors().some((row) => sameName(row.name, input.name)))
      throw taken('hypervisor', input.name);
    const secretId = services.newId();
    const row: HypervisorRow = {
      id: services.newId(),
      name: input.name,
      kind: input.kind,
      address: input.address,
      port: input.port,
      user: input.user,
      hostKey: input.hostKey,
      secretId,
      config: {
        disksRoot: input.disksRoot,
        snapshotsRoot: input.snapshotsRoot,
        powerCommand: input.powerCommand,
      },
    };
    context.commit({ hypervisor: row.name, address: row.address }, () => {
      keepCredential(services, secretId, input);
      services.endpoints.insertHypervisor(row);
    });
    services.publish({ kind: 'changed', area: 'endpoints', id: null });
    return presentHypervisor(row);
  },
  'hypervisors.readHostKey': async (input, { services }) => {
    const row = requireHypervisor(services, input.id);
    return { hostKey: await services.reach.readHostKey(row), pinned: row.hostKey };
  },
  'hypervisors.pinHostKey': (input, context) => {
    const { services } = context;
    const row = requireHypervisor(services, input.id);
    context.commit({ hypervisor: row.name, hostKey: input.hostKey, before: row.hostKey ?? 'none' }, () =>
      services.endpoints.pinHypervisor(row.id, input.hostKey),
    );
    services.publish({ kind: 'changed', area: 'endpoints', id: null });
    return presentHypervisor(requireHypervisor(services, input.id));
  },

  'endpoints.list': (_input, { services }) => {
    const counts = services.fleet.counts();
    const facts = services.fleet.facts();
    return services.endpoints.list().map((row) => presentEndpoint(services, row, counts, facts));
  },
  'endpoints.get': (input, { services }) => {
    const row = services.reach.endpoint(input.id);
    const findings = services.findings.of(row);
    const stored = services.findings.inventoryOf(row);
    const inventory = stored?.inventory;
    return {
      endpoint: presentOne(services, row),
      facts:
        inventory === undefined
          ? []
          : [
              { label: 'System', value: inventory.prettyName },
              { label: 'Architecture', value: inventory.arch },
              { label: 'Kernel', value: inventory.kernel },
              {
                label: 'On hold',
                value: inventory.held.length === 0 ? 'nothing' : inventory.held.join(', '),
              },
              {
                label: 'Restart',
                value: inventory.rebootRequired
                  ? `required: ${inventory.rebootReasons.join('; ') || 'the endpoint says so'}`
                  : 'not required',
              },
            ],
      findings: presentFindings(services, row, findings),
      packages: (inventory?.packages ?? []).map(({ name, arch, version, status }) => ({
        name,
        arch,
        version,
        status,
      })),
      history: services.endpoints.listScans(row.id, 50).map((scan) => ({
        at: scan.takenAt,
        what: SCAN_REASONS[scan.reason] ?? scan.reason,
        outcome: null,
        runId: scan.runId,
      })),
    };
  },
  'endpoints.add': (input, context) => {
    const { services } = context;
    if (services.endpoints.nameTaken(input.name)) throw taken('endpoint', input.name);
    if (input.hypervisorId !== null) requireHypervisor(services, input.hypervisorId);
    if ((input.hypervisorId === null) !== (input.vm === null)) {
      throw new ContractError(
        'CONTRACT_INPUT_INVALID',
        'A hypervisor and the name of the VM on it go together.',
        {
          hint: 'Give both, or neither.',
        },
      );
    }
    const secretId = services.newId();
    const id = services.newId();
    const { login, sudo, ...fields } = input;
    context.commit({ endpoint: input.name, address: input.address }, () => {
      keepCredential(services, secretId, { login, sudo });
      services.endpoints.insert({ ...fields, id, secretId, createdAt: services.now() });
    });
    services.publish({ kind: 'changed', area: 'endpoints', id });
    return presentOne(services, services.reach.endpoint(id));
  },
  'endpoints.readHostKey': async (input, { services }) => {
    const row = services.reach.endpoint(input.id);
    return { hostKey: await services.reach.readHostKey(row), pinned: row.hostKey };
  },
  'endpoints.pinHostKey': (input, context) => {
    const { services } = context;
    const row = services.reach.endpoint(input.id);
    context.commit({ endpoint: row.name, hostKey: input.hostKey, before: row.hostKey ?? 'none' }, () =>
      services.endpoints.pin(row.id, input.hostKey),
    );
    services.publish({ kind: 'changed', area: 'endpoints', id: row.id });
    return presentOne(services, services.reach.endpoint(row.id));
  },
  'endpoints.scan': (input, context) => ({ operationId: beginScan(context, input.ids) }),

  'findings.list': (input, { services }) => {
    const rows =
      input.endpointId === null ? services.endpoints.list() : [services.reach.endpoint(input.endpointId)];
    const findings = services.findings.ofAll(rows);
    return rows.flatMap((row) => presentFindings(services, row, findings.get(row.id) ?? []));
  },
};

const SCAN_REASONS: Readonly<Record<string, string>> = {
  scan: 'Scanned',
  before: 'Scanned before patching',
  after: 'Scanned after patching',
  restored: 'Scanned after a restore',
};

function beginScan(context: CallContext, ids: readonly string[]): string {
  const { services } = context;
  services.lease.acquire();
  const rows = ids.length === 0 ? services.endpoints.list() : ids.map((id) => services.reach.endpoint(id));
  const by = context.person().name;
  const endpointIds = rows.map((row) => row.id);
  const operationId: string = services.operations.begin(
    'scan',
    rows.length === 1 ? `Scan ${rows[0]?.name ?? ''}` : `Scan ${rows.length} endpoints`,
    async (report, signal) => {
      const scanned: string[] = [];
      const failed: { endpointId: string; endpointName: string; code: string; message: string }[] = [];
      const queue = [...rows];
      report({ done: 0, total: rows.length });
      const worker = async (): Promise<void> => {
        for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
          signal.throwIfAborted();
          report({ activity: `Scanning ${row.name}` });
          const failure = await scanOne(services, row, signal, () =>
            noticeScan(services, { id: operationId, by, endpointIds }, row.id),
          );
          if (failure === null) scanned.push(row.id);
          else failed.push({ endpointId: row.id, endpointName: row.name, ...failure });
          report({ done: scanned.length + failed.length });
        }
      };
      await Promise.all(Array.from({ length: Math.min(SCANS_AT_ONCE, rows.length) }, worker));
      services.publish({ kind: 'changed', area: 'endpoints', id: null });
      return { scanned, failed };
    },
  );
  context.commit({ endpoints: rows.map((row) => row.name).join(' ') }, () => undefined);
  return operationId;
}

/**
 * @param alongside what belongs to the scan, in the same transaction
 * @returns why it could not be scanned, or `null`
 */
async function scanOne(
  services: Services,
  row: EndpointRow,
  signal: AbortSignal,
  alongside: () => void,
): Promise<{ code: string; message: string } | null> {
  try {
    const session = await services.reach.connect(row.id, signal);
    try {
      const inventory = await services.reach.driverFor(row.id).readInventory(session, signal);
      services.db.transaction(() => {
        services.endpoints.insertInventory(row.id, inventory, services.now(), 'scan', null);
        alongside();
      })();
      return null;
    } finally {
      await session.close();
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof CodedError) || error.code === 'VAULT_LOCKED') throw error;
    const { code, message } = toFailure(error);
    services.endpoints.putScanFailure(row.id, { code, message, at: services.now() });
    return { code, message };
  }
}

function keepCredential(services: Services, secretId: string, credential: Credential): void {
  const { login, sudo } = credential;
  services.site.insertSecret(secretId, services.vault.seal(secretId, { login, sudo }), services.now());
}

function requireHypervisor(services: Services, id: string): HypervisorRow {
  const row = services.endpoints.getHypervisor(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such hypervisor.', { subject: { id } });
  return row;
}

const taken = (what: string, name: string): ContractError =>
  new ContractError('CONTRACT_CONFLICT', `There is a ${what} called ${name} already.`, {
    hint: 'Choose another name.',
  });

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function presentHypervisor(row: HypervisorRow): Hypervisor {
  const { id, name, kind, address, port, user, hostKey } = row;
  return { id, name, kind, address, port, user, hostKey };
}

/** Gravest first. */
function presentFindings(
  { risk }: Pick<Services, 'risk'>,
  row: EndpointRow,
  findings: readonly Finding[],
): FindingView[] {
  return findings
    .map((finding) => ({ finding, judged: risk.judge(finding.cves, finding) }))
    .toSorted((a, b) => riskRank(b.judged) - riskRank(a.judged))
    .map(({ finding, judged }) => presentFinding(row, finding, judged));
}

function presentFinding(row: EndpointRow, finding: Finding, risk: JudgedRisk): FindingView {
  return {
    key: `${finding.name}:${finding.arch}`,
    endpointId: row.id,
    endpointName: row.name,
    package: finding.name,
    arch: finding.arch,
    installed: finding.installed,
    candidate: finding.candidate.version,
    source: finding.candidate.source,
    repository: `${finding.repository.root} ${finding.repository.suite}`,
    security: finding.security,
    carried: finding.carried,
    held: finding.held,
    severity: finding.severity,
    urgency: finding.urgency ?? '',
    cves: [...finding.cves],
    advisories: finding.advisories.map((advisory) => advisory.id),
    risk: presentRisk(risk),
  };
}

export const presentOne = (services: Services, row: EndpointRow): EndpointSummary =>
  presentEndpoint(services, row, services.fleet.counts(), services.fleet.facts());

function presentEndpoint(
  services: Services,
  row: EndpointRow,
  counts: ReturnType<Services['fleet']['counts']>,
  facts: ReturnType<Services['fleet']['facts']>,
): EndpointSummary {
  const inventory = row.inventoryId === null ? undefined : facts.get(row.inventoryId);
  return {
    id: row.id,
    name: row.name,
    group: row.group,
    address: row.address,
    port: row.port,
    user: row.user,
    hostKey: row.hostKey,
    hypervisorName:
      row.hypervisorId === null ? null : (services.endpoints.getHypervisor(row.hypervisorId)?.name ?? null),
    vm: row.vm,
    snapshotMode: row.snapshotMode,
    restoreOnFailure: row.restoreOnFailure,
    rebootPolicy: row.rebootPolicy,
    healthChecks: [...row.healthChecks],
    platform: inventory?.prettyName ?? null,
    scannedAt: inventory?.takenAt ?? null,
    scanFailure: row.scanFailure,
    packages: inventory?.packages ?? 0,
    rebootRequired: inventory?.rebootRequired ?? false,
    findings: counts.get(row.id) ?? { total: 0, security: 0, notCarried: 0 },
    lastOutcome: lastOutcomeOf(services, row.id),
  };
}
