import { defineCommand } from '../command.ts';
import { formatTable } from '../format.ts';
import { answerHostKey, confirmHostKey } from '../host-key.ts';
import { LOGIN_OPTIONS, readLogin } from '../login.ts';
import { pickOne } from '../pick.ts';

const which = { name: 'hypervisor', about: 'its name or id' } as const;

export const hypervisorCommands = [
  defineCommand({
    noun: 'hypervisor',
    verb: 'add',
    about: 'add a hypervisor: where snapshots of endpoints are taken',
    arguments: [{ name: 'name', about: 'a name for it' }],
    options: [
      ...LOGIN_OPTIONS,
      { flags: '--disks-root <folder>', about: 'on it: folder of the disks of its machines', required: true },
      { flags: '--snapshots-root <folder>', about: 'on it: folder for snapshots', required: true },
      {
        flags: '--power-command <file>',
        about: 'on it: program that powers machines on and off',
        required: true,
      },
    ],
    access: 'person',
    channels: ['hypervisors.add'],
    run: async ({ client, input, secrets }) => {
      const name = input.text('name');
      const added = await client.invoke('hypervisors.add', {
        name,
        kind: 'btrfs',
        disksRoot: input.text('disksRoot'),
        snapshotsRoot: input.text('snapshotsRoot'),
        powerCommand: input.text('powerCommand'),
        ...(await readLogin(input, secrets, name)),
      });
      const next =
        added.hostKey === null ? ` Pin its host key next: sallyport hypervisor pin-host-key ${added.id}` : '';
      return { value: added, text: `Hypervisor ${added.name} was added.${next}` };
    },
  }),
  defineCommand({
    noun: 'hypervisor',
    verb: 'list',
    about: 'list hypervisors',
    access: 'person',
    channels: ['hypervisors.list'],
    run: async ({ client }) => {
      const hypervisors = await client.invoke('hypervisors.list', {});
      const text = formatTable(
        hypervisors,
        [
          { title: 'NAME', cell: (row) => row.name },
          { title: 'KIND', cell: (row) => row.kind },
          { title: 'ADDRESS', cell: (row) => `${row.user}@${row.address}:${row.port}` },
          { title: 'HOST KEY', cell: (row) => row.hostKey ?? 'not pinned' },
        ],
        'There is no hypervisor yet.',
      );
      return { value: hypervisors, text };
    },
  }),
  defineCommand({
    noun: 'hypervisor',
    verb: 'read-host-key',
    about: 'read its SSH host key without sending any credential',
    arguments: [which],
    access: 'person',
    channels: ['hypervisors.list', 'hypervisors.readHostKey'],
    run: async ({ client, input }) => {
      const hypervisors = await client.invoke('hypervisors.list', {});
      const { id, name } = pickOne(hypervisors, input.text('hypervisor'), 'hypervisor');
      return answerHostKey(name, await client.invoke('hypervisors.readHostKey', { id }));
    },
  }),
  defineCommand({
    noun: 'hypervisor',
    verb: 'pin-host-key',
    about: 'pin its SSH host key after comparing it',
    arguments: [which],
    options: [{ flags: '--host-key <fingerprint>', about: 'the compared SHA256:... fingerprint' }],
    access: 'person',
    channels: ['hypervisors.list', 'hypervisors.readHostKey', 'hypervisors.pinHostKey'],
    run: async (call) => {
      const hypervisors = await call.client.invoke('hypervisors.list', {});
      const { id, name } = pickOne(hypervisors, call.input.text('hypervisor'), 'hypervisor');
      const read = () => call.client.invoke('hypervisors.readHostKey', { id });
      const hostKey = await confirmHostKey(call, name, read);
      const pinned = await call.client.invoke('hypervisors.pinHostKey', { id, hostKey });
      return { value: pinned, text: `Pinned for ${pinned.name}: ${hostKey}` };
    },
  }),
];
