import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant, formatTable } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';

export const vendorKeyCommands = [
  defineCommand({
    noun: 'vendor-key',
    verb: 'pin',
    about: 'vouch for a key of a vendor: imports then need its signature on what the vendor released',
    arguments: [{ name: 'keyring', about: 'file of public keys, as the vendor publishes it' }],
    options: [
      {
        flags: '--fingerprint <hex>',
        about: 'of the key, compared with what the vendor publishes',
        required: true,
      },
      {
        flags: '--root <name>',
        about: 'repository root that it counts for, such as debian-security (all when absent)',
      },
    ],
    access: 'person',
    channels: ['vendorKeys.pin'],
    run: async ({ client, input, world }) => {
      const fingerprint = input.text('fingerprint').replace(/[\s:]/g, '');
      if (!/^[0-9a-f]{40}$/i.test(fingerprint))
        throw usageError('A fingerprint of an OpenPGP key has 40 hexadecimal digits.');
      const key = await client.invoke('vendorKeys.pin', {
        file: resolvePath(world, input.text('keyring')),
        fingerprint,
        root: input.maybe('root') ?? '*',
      });
      const text = formatFacts([
        ['Fingerprint', key.fingerprint],
        ['Of', key.userId],
        ['Counts for', key.root === '*' ? 'every repository' : key.root],
      ]);
      return { value: key, text: `Pinned.\n${text}` };
    },
  }),
  defineCommand({
    noun: 'vendor-key',
    verb: 'list',
    about: 'list the keys of vendors that persons of this site vouched for',
    access: 'person',
    channels: ['vendorKeys.list'],
    run: async ({ client }) => {
      const keys = await client.invoke('vendorKeys.list', {});
      const text = formatTable(
        keys,
        [
          { title: 'FINGERPRINT', cell: (row) => row.fingerprint },
          { title: 'COUNTS FOR', cell: (row) => (row.root === '*' ? 'all' : row.root) },
          { title: 'OF', cell: (row) => row.userId },
          { title: 'PINNED', cell: (row) => `${formatInstant(row.pinnedAt)} by ${row.pinnedBy}` },
        ],
        'No key of a vendor is pinned: keyrings of this machine are used where it has any.',
      );
      return { value: keys, text };
    },
  }),
];
