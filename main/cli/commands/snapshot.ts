import type { OutputOf } from '../../../contract/channels.ts';
import { followOperation } from '../client.ts';
import type { Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatInstant, formatTable, listOf, shortId } from '../format.ts';
import { pickOne } from '../pick.ts';
import { usageError } from '../usage.ts';

type SnapshotView = OutputOf<'snapshots.list'>[number];

const which = { name: 'snapshot', about: 'its name, its id, or the beginning of its id' } as const;
const confirmOption = {
  flags: '--confirm <endpoint>',
  about: 'name of the endpoint, typed to be sure; asked for on a terminal',
} as const;

function describeState(row: SnapshotView): string {
  if (row.deletedAt !== null) return `deleted ${formatInstant(row.deletedAt)}`;
  const restored = row.restoredAt === null ? '' : `, restored ${formatInstant(row.restoredAt)}`;
  return `${row.provenAt === null ? 'NOT proven' : 'proven'}${restored}`;
}

/** Restoring and deleting can't be taken back: a person types the endpoint's name. */
async function confirmName(
  call: Call<'snapshots.list'>,
  snapshot: SnapshotView,
  deed: string,
): Promise<string> {
  const given = call.input.maybe('confirm');
  if (given !== undefined) return given;
  if (!call.world.terminal.canAsk || call.json) {
    throw usageError(
      `Without a person to ask, --confirm must name the endpoint.`,
      `The snapshot is of ${snapshot.endpointName}.`,
    );
  }
  const losses = snapshot.wouldLose.map(
    (row) => `${row.name} ${row.to ?? 'removed'} -> ${row.from ?? 'not installed'}`,
  );
  call.note(
    `Snapshot ${snapshot.name} of ${snapshot.endpointName}, taken ${formatInstant(snapshot.takenAt)}.`,
  );
  if (losses.length > 0) call.note(`Known changes since then: ${listOf(losses, 20)}.`);
  return await call.world.ask(`Type the endpoint's name to ${deed}: `);
}

export const snapshotCommands = [
  defineCommand({
    noun: 'snapshot',
    verb: 'list',
    about: 'list the snapshots that runs took',
    options: [{ flags: '--deleted', about: 'also those that are deleted' }],
    access: 'person',
    channels: ['snapshots.list'],
    run: async ({ client, input }) => {
      const all = await client.invoke('snapshots.list', {});
      const snapshots = input.flag('deleted') ? all : all.filter((row) => row.deletedAt === null);
      const text = formatTable(
        snapshots,
        [
          { title: 'ID', cell: (row) => shortId(row.id) },
          { title: 'NAME', cell: (row) => row.name },
          { title: 'ENDPOINT', cell: (row) => row.endpointName },
          { title: 'HYPERVISOR', cell: (row) => row.hypervisorName },
          { title: 'TAKEN', cell: (row) => formatInstant(row.takenAt) },
          { title: 'KEPT UNTIL', cell: (row) => formatInstant(row.keptUntil) },
          { title: 'RUN', cell: (row) => `${shortId(row.runId)}${row.runSucceeded ? ', succeeded' : ''}` },
          { title: 'STATE', cell: describeState },
        ],
        'There is no snapshot.',
      );
      return { value: snapshots, text };
    },
  }),
  defineCommand({
    noun: 'snapshot',
    verb: 'restore',
    about: 'return an endpoint to a snapshot and prove it by a fresh scan',
    arguments: [which],
    options: [confirmOption, { flags: '--even-after-success', about: 'although the run after it succeeded' }],
    access: 'person',
    channels: ['snapshots.list', 'snapshots.restore', 'operations.wait', 'operations.cancel'],
    run: async (call) => {
      const { client, input, progress, world } = call;
      const snapshot = pickOne(await client.invoke('snapshots.list', {}), input.text('snapshot'), 'snapshot');
      const confirmed = await confirmName(call, snapshot, 'restore it');
      const waited = await followOperation(client, { progress, world }, () =>
        client.invoke('snapshots.restore', {
          id: snapshot.id,
          confirmName: confirmed,
          evenAfterSuccess: input.flag('evenAfterSuccess'),
        }),
      );
      const name = `${snapshot.endpointName} is back at ${snapshot.name}`;
      return waited.result['equal'] === true
        ? { value: waited, text: `${name}; a fresh scan found the inventory of before.` }
        : {
            value: waited,
            text: `${name}, but a fresh scan DIFFERS from the inventory of before. --json shows how.`,
            exit: EXIT.attention,
          };
    },
  }),
  defineCommand({
    noun: 'snapshot',
    verb: 'delete',
    about: 'delete a snapshot that this product took',
    arguments: [which],
    options: [confirmOption],
    access: 'person',
    channels: ['snapshots.list', 'snapshots.delete'],
    run: async (call) => {
      const { client, input } = call;
      const snapshot = pickOne(await client.invoke('snapshots.list', {}), input.text('snapshot'), 'snapshot');
      const confirmed = await confirmName(call, snapshot, 'delete it');
      const deleted = await client.invoke('snapshots.delete', { id: snapshot.id, confirmName: confirmed });
      return { value: deleted, text: `Snapshot ${deleted.name} of ${deleted.endpointName} was deleted.` };
    },
  }),
];
