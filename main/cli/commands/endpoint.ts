import type { OutputOf } from '../../../contract/channels.ts';
import { REBOOT_POLICIES, SNAPSHOT_MODES, readChoice } from '../choices.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { exitCodeOfParts } from '../exit-codes.ts';
import { count, formatFacts, formatInstant, formatTable } from '../format.ts';
import { parseHealthCheck } from '../health-check.ts';
import { answerHostKey, confirmHostKey } from '../host-key.ts';
import { LOGIN_OPTIONS, readLogin } from '../login.ts';
import { pickId, pickOne } from '../pick.ts';
import { formatFindings } from './finding.ts';

type EndpointSummary = OutputOf<'endpoints.list'>[number];
type EndpointDetail = OutputOf<'endpoints.get'>;

const which = { name: 'endpoint', about: 'its name or id' } as const;

export const endpointCommands = [
  defineCommand({
    noun: 'endpoint',
    verb: 'add',
    about: 'add an endpoint; nothing connects to it yet',
    arguments: [{ name: 'name', about: 'a name for it' }],
    options: [
      ...LOGIN_OPTIONS,
      { flags: '--group <group>', about: 'group that it belongs to' },
      { flags: '--hypervisor <hypervisor>', about: 'where its snapshots are taken: name or id' },
      { flags: '--vm <vm>', about: 'what the hypervisor calls it' },
      {
        flags: '--snapshot-mode <mode>',
        about: 'hard: no patch without a proven snapshot (default); soft; disabled',
        choices: SNAPSHOT_MODES,
      },
      { flags: '--no-restore', about: 'do not restore the snapshot by itself when a run fails' },
      { flags: '--reboot <policy>', about: 'if-required when absent', choices: REBOOT_POLICIES },
      {
        flags: '--health-check <name=command>',
        about: 'must exit 0 on it after patching; may be given several times',
        repeat: true,
      },
      { flags: '--health-check-timeout <seconds>', about: 'for each of them (30 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['endpoints.add', 'hypervisors.list'],
    run: async ({ client, input, secrets }) => {
      const name = input.text('name');
      const [group, hypervisor, mode, reboot] = ['group', 'hypervisor', 'snapshotMode', 'reboot'].map(
        (option) => input.maybe(option),
      );
      const seconds = input.whole('healthCheckTimeout');
      const healthChecks = input.list('healthCheck').map((text) => ({
        ...parseHealthCheck(text),
        ...(seconds === undefined ? {} : { timeoutMs: seconds * 1_000 }),
      }));
      const hypervisorId =
        hypervisor === undefined
          ? null
          : pickOne(await client.invoke('hypervisors.list', {}), hypervisor, 'hypervisor').id;
      const added = await client.invoke('endpoints.add', {
        name,
        hypervisorId,
        vm: input.maybe('vm') ?? null,
        restoreOnFailure: input.flag('restore'),
        healthChecks,
        ...(group === undefined ? {} : { group }),
        ...(mode === undefined ? {} : { snapshotMode: readChoice(SNAPSHOT_MODES, mode) }),
        ...(reboot === undefined ? {} : { rebootPolicy: readChoice(REBOOT_POLICIES, reboot) }),
        ...(await readLogin(input, secrets, name)),
      });
      const next =
        added.hostKey === null ? ` Pin its host key next: sallyport endpoint pin-host-key ${added.id}` : '';
      return { value: added, text: `Endpoint ${added.name} was added.${next}` };
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'list',
    about: 'list endpoints',
    access: 'person',
    channels: ['endpoints.list'],
    run: async ({ client }) => {
      const endpoints = await client.invoke('endpoints.list', {});
      return { value: endpoints, text: formatEndpoints(endpoints) };
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'show',
    about: 'show one endpoint: facts, findings, history',
    arguments: [which],
    options: [{ flags: '--packages', about: 'list its installed packages too' }],
    access: 'person',
    channels: ['endpoints.get', 'endpoints.list'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('endpoint'), 'endpoint', () => client.invoke('endpoints.list', {}));
      const detail = await client.invoke('endpoints.get', { id });
      return { value: detail, text: describeEndpoint(detail, input.flag('packages')) };
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'scan',
    about: 'read the inventory of endpoints over SSH and assess it',
    arguments: [{ name: 'endpoints', about: 'names or ids; all when absent', optional: true, many: true }],
    access: 'person',
    channels: ['endpoints.list', 'endpoints.scan', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const named = input.list('endpoints');
      const before = await client.invoke('endpoints.list', {});
      const ids = named.map((name) => pickOne(before, name, 'endpoint').id);
      const asked = new Set(ids.length > 0 ? ids : before.map((endpoint) => endpoint.id));
      const waited = await followOperation(client, { progress, world }, () =>
        client.invoke('endpoints.scan', { ids: [...new Set(ids)] }),
      );
      const scanned = (await client.invoke('endpoints.list', {})).filter(({ id }) => asked.has(id));
      const failed = scanned.filter((endpoint) => endpoint.scanFailure !== null);
      const summary = `${count(scanned.length - failed.length, 'endpoint')} scanned, ${failed.length} failed.`;
      return {
        value: waited,
        text: `${formatEndpoints(scanned)}\n\n${summary}`,
        exit: exitCodeOfParts({ done: scanned.length - failed.length, failed: failed.length }),
      };
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'read-host-key',
    about: 'read its SSH host key without sending any credential',
    arguments: [which],
    access: 'person',
    channels: ['endpoints.list', 'endpoints.readHostKey'],
    run: async ({ client, input }) => {
      const { id, name } = pickOne(
        await client.invoke('endpoints.list', {}),
        input.text('endpoint'),
        'endpoint',
      );
      return answerHostKey(name, await client.invoke('endpoints.readHostKey', { id }));
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'pin-host-key',
    about: 'pin its SSH host key after comparing it',
    arguments: [which],
    options: [{ flags: '--host-key <fingerprint>', about: 'the compared SHA256:... fingerprint' }],
    access: 'person',
    channels: ['endpoints.list', 'endpoints.readHostKey', 'endpoints.pinHostKey'],
    run: async (call) => {
      const endpoints = await call.client.invoke('endpoints.list', {});
      const { id, name } = pickOne(endpoints, call.input.text('endpoint'), 'endpoint');
      const read = () => call.client.invoke('endpoints.readHostKey', { id });
      const hostKey = await confirmHostKey(call, name, read);
      const pinned = await call.client.invoke('endpoints.pinHostKey', { id, hostKey });
      return { value: pinned, text: `Pinned for ${pinned.name}: ${hostKey}` };
    },
  }),
];

function formatEndpoints(endpoints: readonly EndpointSummary[]): string {
  return formatTable(
    endpoints,
    [
      { title: 'NAME', cell: (row) => row.name },
      { title: 'GROUP', cell: (row) => row.group },
      { title: 'ADDRESS', cell: (row) => `${row.address}:${row.port}` },
      { title: 'PLATFORM', cell: (row) => row.platform ?? 'unknown' },
      { title: 'FINDINGS', cell: (row) => String(row.findings.total), right: true },
      { title: 'SECURITY', cell: (row) => String(row.findings.security), right: true },
      { title: 'SCANNED', cell: (row) => describeScan(row) },
      { title: 'LAST RUN', cell: (row) => row.lastOutcome?.outcome ?? '-' },
      { title: 'SNAPSHOTS', cell: (row) => row.snapshotMode },
    ],
    'There is no endpoint yet. Add one with `sallyport endpoint add`.',
  );
}

function describeScan(endpoint: EndpointSummary): string {
  if (endpoint.scanFailure !== null) return `failed: ${endpoint.scanFailure.code}`;
  if (endpoint.scannedAt !== null) return formatInstant(endpoint.scannedAt);
  return endpoint.hostKey === null ? 'never; host key not pinned' : 'never';
}

function describeEndpoint(detail: EndpointDetail, withPackages: boolean): string {
  const { endpoint } = detail;
  const checks = endpoint.healthChecks.map((check) => `${check.name}: ${check.argv.join(' ')}`);
  const parts = [
    formatFacts([
      ['Endpoint', endpoint.name],
      ['Id', endpoint.id],
      ['Group', endpoint.group],
      ['Address', `${endpoint.user}@${endpoint.address}:${endpoint.port}`],
      ['Host key', endpoint.hostKey ?? 'not pinned'],
      [
        'Hypervisor',
        endpoint.hypervisorName === null ? 'none' : `${endpoint.hypervisorName}, ${endpoint.vm ?? '-'}`,
      ],
      [
        'Snapshots',
        `${endpoint.snapshotMode}, restore on failure: ${endpoint.restoreOnFailure ? 'yes' : 'no'}`,
      ],
      ['Reboot', `${endpoint.rebootPolicy}; required now: ${endpoint.rebootRequired ? 'yes' : 'no'}`],
      ...(checks.length === 0
        ? ([['Health check', 'none']] as const)
        : checks.map((check) => ['Health check', check] as const)),
      ['Scanned', describeScan(endpoint)],
      ...(endpoint.scanFailure === null ? [] : ([['Scan failure', endpoint.scanFailure.message]] as const)),
      ['Packages', String(endpoint.packages)],
      ...detail.facts.map(({ label, value }) => [label, value] as const),
    ]),
    `Findings\n${formatFindings(detail.findings, false)}`,
    `History\n${formatTable(
      detail.history,
      [
        { title: 'WHEN', cell: (row) => formatInstant(row.at) },
        { title: 'WHAT', cell: (row) => row.what },
        { title: 'OUTCOME', cell: (row) => row.outcome ?? '-' },
      ],
      'Nothing has happened yet.',
    )}`,
  ];
  if (withPackages) {
    parts.push(
      `Packages\n${formatTable(
        detail.packages,
        [
          { title: 'PACKAGE', cell: (row) => `${row.name}:${row.arch}` },
          { title: 'VERSION', cell: (row) => row.version },
          { title: 'STATUS', cell: (row) => row.status },
        ],
        'No inventory was read yet.',
      )}`,
    );
  }
  return parts.join('\n\n');
}
