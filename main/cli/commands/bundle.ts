import type { OutputOf } from '../../../contract/channels.ts';
import { fingerprintGroups, fingerprintWords } from '../../bundle/fingerprint.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { buildCommand } from './bundle-build.ts';

type BundleView = OutputOf<'bundles.list'>[number];

const folderArgument = { name: 'folder', about: 'folder of the bundle, on the media' } as const;

function describeBundle(
  bundle: BundleView,
  more: readonly (readonly [label: string, value: string])[] = [],
): string {
  const signatures = bundle.signatures.map(
    ({ role, keyId, version }) => `${role} ${version} by ${keyId.slice(0, 16)}`,
  );
  return formatFacts([
    ['Bundle', `${bundle.id} (number ${bundle.seq} of stream ${bundle.stream})`],
    ['Signed', formatInstant(bundle.createdAt)],
    ['Signatures', listOf(signatures)],
    ['Content', `${count(bundle.objects, 'object')}, ${formatBytes(bundle.bytes)}`],
    ['Manifest', bundle.manifestSha256],
    [
      'Imported',
      bundle.importedAt === null
        ? 'no'
        : `${formatInstant(bundle.importedAt)} by ${bundle.importedBy ?? 'unknown'}`,
    ],
    ...more,
  ]);
}

export const bundleCommands = [
  buildCommand,
  defineCommand({
    noun: 'bundle',
    verb: 'inspect',
    about: 'verify the signed metadata of a bundle and show what it says; imports nothing',
    arguments: [folderArgument],
    access: 'person',
    channels: ['bundles.inspect'],
    run: async ({ client, input, world }) => {
      const inspected = await client.invoke('bundles.inspect', {
        folder: resolvePath(world, input.text('folder')),
      });
      const trust = inspected.trusted
        ? 'signed under the root of trust that this site has pinned'
        : 'NOT TRUSTED YET: no root is pinned. Compare the fingerprint with what the connected side told you by another way, then `sallyport trust pin`';
      const text = describeBundle(inspected.bundle, [
        ['Root fingerprint', fingerprintGroups(inspected.rootFingerprint)],
        ['In words', fingerprintWords(inspected.rootFingerprint).join(' ')],
        ['Trust', trust],
      ]);
      return { value: inspected, text };
    },
  }),
  defineCommand({
    noun: 'bundle',
    verb: 'import',
    about: 'verify a bundle, every hash of it, and take it into the catalogue',
    arguments: [folderArgument],
    options: [
      {
        flags: '--reason <text>',
        about: 'why a bundle that is too old, or a clock that looks wrong, is taken all the same; recorded',
      },
    ],
    access: 'person',
    channels: ['bundles.import', 'bundles.list', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const folder = resolvePath(world, input.text('folder'));
      const reason = input.maybe('reason');
      const before = new Set((await client.invoke('bundles.list', {})).map(({ id }) => id));
      const waited = await followOperation(client, { progress, world }, () =>
        client.invoke('bundles.import', { folder, ...(reason === undefined ? {} : { reason }) }),
      );
      const brought = (await client.invoke('bundles.list', {})).filter(({ id }) => !before.has(id));
      return {
        value: waited,
        text: `Imported.\n${brought.map((bundle) => describeBundle(bundle)).join('\n\n')}`,
      };
    },
  }),
  defineCommand({
    noun: 'bundle',
    verb: 'list',
    about: 'list the bundles that were imported',
    access: 'person',
    channels: ['bundles.list'],
    run: async ({ client }) => {
      const bundles = await client.invoke('bundles.list', {});
      const text = formatTable(
        bundles,
        [
          { title: 'BUNDLE', cell: (row) => row.id },
          { title: 'SIGNED', cell: (row) => formatInstant(row.createdAt) },
          { title: 'IMPORTED', cell: (row) => formatInstant(row.importedAt) },
          { title: 'BY', cell: (row) => row.importedBy ?? '-' },
          { title: 'OBJECTS', cell: (row) => String(row.objects), right: true },
          { title: 'SIZE', cell: (row) => formatBytes(row.bytes), right: true },
          { title: 'MISSING', cell: (row) => String(row.missing.length), right: true },
          {
            title: 'REPOSITORIES',
            cell: (row) =>
              listOf(
                row.repositories.map(({ name, suite }) => `${name} ${suite}`),
                4,
              ),
          },
        ],
        'No bundle was imported yet.',
      );
      return { value: bundles, text };
    },
  }),
];
