import type { OutputOf } from '../../../contract/channels.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, shortId } from '../format.ts';
import { pickId, pickOne } from '../pick.ts';

type PlanView = OutputOf<'plans.get'>;

/** All that a plan binds: each package by version, on each endpoint. */
export function describePlan(plan: PlanView): string {
  const parts = [
    formatFacts([
      ['Plan', plan.id],
      ['Digest', plan.digest],
      ['Made', `${formatInstant(plan.createdAt)} by ${plan.createdBy}`],
      [
        'Content',
        `${count(plan.packages, 'package')} on ${count(plan.endpoints.length, 'endpoint')}, ${formatBytes(plan.bytes)}`,
      ],
    ]),
    ...plan.endpoints.map((endpoint) => {
      const rules = `${endpoint.distribution} ${endpoint.codename}; snapshot ${endpoint.snapshotMode}; restore on failure: ${endpoint.restoreOnFailure ? 'yes' : 'no'}; reboot ${endpoint.rebootPolicy}; ${count(endpoint.healthChecks.length, 'health check')}`;
      const table = formatTable(
        endpoint.packages,
        [
          { title: 'PACKAGE', cell: (row) => `${row.name}:${row.arch}` },
          { title: 'FROM', cell: (row) => row.from ?? 'not installed' },
          { title: 'TO', cell: (row) => row.to },
          { title: 'WHY', cell: (row) => (row.requested ? 'asked for' : 'pulled in') },
        ],
        'No package.',
      );
      return `${endpoint.endpointName} (${endpoint.address}): ${rules}\n${table}`;
    }),
  ];
  if (plan.leftOut.length > 0) {
    const lines = plan.leftOut.map((row) => `  ${row.endpointName}: ${row.message} [${row.code}]`);
    parts.push(`Left out\n${lines.join('\n')}`);
  }
  return parts.join('\n\n');
}

export const planCommands = [
  defineCommand({
    noun: 'plan',
    verb: 'make',
    about: 'ask each endpoint what its package manager would really do, and freeze that as a plan',
    arguments: [
      {
        name: 'endpoints',
        about: 'names or ids; every endpoint with a finding when absent',
        optional: true,
        many: true,
      },
    ],
    options: [
      { flags: '--package <name>', about: 'only this package; may be given several times', repeat: true },
      { flags: '--only-security', about: 'security updates only' },
    ],
    access: 'person',
    channels: ['endpoints.list', 'plans.make', 'plans.get', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const named = input.list('endpoints');
      const endpoints = named.length === 0 ? [] : await client.invoke('endpoints.list', {});
      const endpointIds = [...new Set(named.map((name) => pickOne(endpoints, name, 'endpoint').id))];
      const { result } = await followOperation(client, { progress, world }, () =>
        client.invoke('plans.make', {
          endpointIds,
          packages: [...input.list('package')],
          onlySecurity: input.flag('onlySecurity'),
        }),
      );
      const id = result['planId'];
      if (typeof id !== 'string') throw new Error('the operation that makes a plan did not name it');
      const plan = await client.invoke('plans.get', { id });
      return {
        value: plan,
        text: `${describePlan(plan)}\n\nNext: sallyport approval request ${shortId(plan.id)}`,
        exit: plan.leftOut.length > 0 ? EXIT.partial : EXIT.ok,
      };
    },
  }),
  defineCommand({
    noun: 'plan',
    verb: 'show',
    about: 'show what a plan binds',
    arguments: [{ name: 'plan', about: 'its id, or the beginning of it' }],
    access: 'person',
    channels: ['plans.get', 'plans.list'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('plan'), 'plan', () => client.invoke('plans.list', {}));
      const plan = await client.invoke('plans.get', { id });
      return { value: plan, text: describePlan(plan) };
    },
  }),
  defineCommand({
    noun: 'plan',
    verb: 'list',
    about: 'list plans',
    access: 'person',
    channels: ['plans.list'],
    run: async ({ client }) => {
      const plans = await client.invoke('plans.list', {});
      const text = formatTable(
        plans,
        [
          { title: 'PLAN', cell: (row) => shortId(row.id) },
          { title: 'MADE', cell: (row) => formatInstant(row.createdAt) },
          { title: 'BY', cell: (row) => row.createdBy },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'PACKAGES', cell: (row) => String(row.packages), right: true },
          { title: 'SIZE', cell: (row) => formatBytes(row.bytes), right: true },
          { title: 'DIGEST', cell: (row) => row.digest.slice(0, 16) },
        ],
        'There is no plan yet. Make one with `sallyport plan make`.',
      );
      return { value: plans, text };
    },
  }),
];
