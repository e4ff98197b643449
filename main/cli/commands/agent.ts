import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { formatBytes, formatInstant, formatTable } from '../format.ts';

const versionArgument = { name: 'version', about: 'as `agent list` shows it' } as const;

const describeAgents = (agents: OutputOf<'agents.list'>): string =>
  formatTable(
    agents,
    [
      { title: 'AGENT', cell: (row) => `${row.name}:${row.architecture}` },
      { title: 'VERSION', cell: (row) => row.version },
      { title: 'BUNDLE', cell: (row) => row.bundle },
      { title: 'IMPORTED', cell: (row) => formatInstant(row.importedAt) },
      { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
      { title: 'CONTENT', cell: (row) => (row.held ? 'here' : 'removed') },
      {
        title: 'KEPT',
        cell: (row) =>
          [...(row.newest ? ['newest'] : []), ...(row.pinnedBy === null ? [] : [`by ${row.pinnedBy}`])].join(
            ', ',
          ) || '-',
      },
      { title: 'SHA-256', cell: (row) => row.sha256 },
    ],
    'No bundle has brought an agent yet.',
  );

export const agentCommands = [
  defineCommand({
    noun: 'agent',
    verb: 'list',
    about: 'list the versions of the agent that bundles brought; nothing deploys them to endpoints yet',
    access: 'person',
    channels: ['agents.list'],
    run: async ({ client }) => {
      const agents = await client.invoke('agents.list', {});
      return { value: agents, text: describeAgents(agents) };
    },
  }),
  defineCommand({
    noun: 'agent',
    verb: 'pin',
    about: 'keep a version of the agent though a newer one is here',
    arguments: [versionArgument],
    access: 'person',
    channels: ['agents.pin'],
    run: async ({ client, input }) => {
      const agents = await client.invoke('agents.pin', { version: input.text('version'), pinned: true });
      return { value: agents, text: describeAgents(agents) };
    },
  }),
  defineCommand({
    noun: 'agent',
    verb: 'unpin',
    about: 'let garbage collection take that version once a newer one is here',
    arguments: [versionArgument],
    access: 'person',
    channels: ['agents.pin'],
    run: async ({ client, input }) => {
      const agents = await client.invoke('agents.pin', { version: input.text('version'), pinned: false });
      return { value: agents, text: describeAgents(agents) };
    },
  }),
];
