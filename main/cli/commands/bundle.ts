import type { OutputOf } from '../../../contract/channels.ts';
import { fingerprintGroups, fingerprintWords } from '../../bundle/fingerprint.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import { bundleDiffCommand } from './bundle-diff.ts';
import { buildCommand } from './bundle-build.ts';
import { registerCommand } from './bundle-register.ts';
import { verifyCommand } from './bundle-verify.ts';

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
    ...describeCustody(bundle),
    ...more,
  ]);
}

/** Who built it, from what, who brought it on what, and what was looked for in it. */
function describeCustody({ custody }: BundleView): (readonly [label: string, value: string])[] {
  const media = custody.media.map((medium) => {
    const serial = medium.serial === null ? 'serial not known' : `serial ${medium.serial}`;
    const words = [
      medium.volumes === 1 ? null : `volume ${medium.volume} of ${medium.volumes}`,
      medium.label,
      medium.serialFrom === 'person' ? `${serial} (typed)` : serial,
      medium.fileSystem,
      `brought by ${medium.carrier ?? 'nobody named'}`,
      `read ${formatInstant(medium.arrivedAt)} by ${medium.importedBy}`,
    ];
    return words.filter((word) => word !== null).join(', ');
  });
  if (custody.builtBy === null && custody.builtWith === null && media.length === 0) return [];
  return [
    [
      'Built by',
      `${custody.builtBy ?? 'nobody named'}, with Sallyport ${custody.builtWith ?? 'of a version not stated'}`,
    ],
    ['Built from', listOf(custody.sources.map(({ name }) => name))],
    ['Media', media.join('\n')],
    ['Malware', describeMalware(custody.malware)],
    [
      'Vendor signatures',
      custody.vendorSignatures
        .map(
          ({ name, status, note }) =>
            `${name}: ${status === 'verified' ? 'verified' : 'not checked again here'}, ${note}`,
        )
        .join('\n') || 'none',
    ],
  ];
}

function describeMalware(malware: BundleView['custody']['malware']): string {
  if (malware === null) return 'not scanned';
  if (malware.status === 'not-scanned') return `NOT SCANNED: ${malware.reason ?? 'for no stated reason'}`;
  const large = malware.tooLarge === 0 ? '' : `, ${count(malware.tooLarge, 'object')} too large to look into`;
  return `clean by ${malware.engine ?? ''} (${malware.database ?? ''}), ${count(malware.scanned, 'new object')}${large}`;
}

function describeImport(result: Readonly<Record<string, unknown>>): string {
  if (result['outcome'] !== 'waiting') return 'Imported.';
  const missing = Array.isArray(result['missingVolumes']) ? result['missingVolumes'].map(String) : [];
  const bytes = typeof result['missingBytes'] === 'number' ? result['missingBytes'] : 0;
  return [
    `Volume ${String(result['volume'])} of ${String(result['volumes'])} is copied. Nothing is imported yet.`,
    `Still missing: ${missing.length === 1 ? 'volume' : 'volumes'} ${missing.join(', ')}, ${formatBytes(bytes)}. Import them in any order.`,
  ].join('\n');
}

export const bundleCommands = [
  buildCommand,
  bundleDiffCommand,
  registerCommand,
  verifyCommand,
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
        ['Agent', listOf(inspected.agents)],
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
      { flags: '--carrier <name>', about: 'who brought the medium' },
      {
        flags: '--medium-serial <text>',
        about: 'what is written on it, where the system can read no serial',
      },
    ],
    access: 'person',
    channels: ['bundles.import', 'bundles.list', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const folder = resolvePath(world, input.text('folder'));
      const [carrier, mediumSerial, reason] = [
        input.maybe('carrier'),
        input.maybe('mediumSerial'),
        input.maybe('reason'),
      ];
      const given = {
        ...(carrier === undefined ? {} : { carrier }),
        ...(mediumSerial === undefined ? {} : { mediumSerial }),
        ...(reason === undefined ? {} : { reason }),
      };
      const before = new Set((await client.invoke('bundles.list', {})).map(({ id }) => id));
      const waited = await followOperation(client, { progress, world }, () =>
        client.invoke('bundles.import', { folder, ...given }),
      );
      const brought = (await client.invoke('bundles.list', {})).filter(({ id }) => !before.has(id));
      return {
        value: waited,
        text: [describeImport(waited.result), ...brought.map((bundle) => describeBundle(bundle))].join(
          '\n\n',
        ),
      };
    },
  }),
  defineCommand({
    noun: 'bundle',
    verb: 'media',
    about: 'list the media that are mounted, and what bundle each says it carries',
    access: 'person',
    channels: ['media.list'],
    run: async ({ client }) => {
      const media = await client.invoke('media.list', {});
      const text = formatTable(
        media,
        [
          { title: 'FOLDER', cell: (row) => row.folder },
          { title: 'BUNDLE', cell: (row) => row.bundle?.id ?? '-' },
          {
            title: 'VOLUME',
            cell: (row) => (row.bundle === null ? '-' : `${row.bundle.volume} of ${row.bundle.volumes}`),
          },
          { title: 'LABEL', cell: (row) => row.label ?? '-' },
          { title: 'SERIAL', cell: (row) => row.serial ?? '-' },
          {
            title: 'FILE SYSTEM',
            cell: (row) => `${row.fileSystem ?? '-'}${row.readOnly ? ', read only' : ''}`,
          },
          { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
        ],
        'No medium is mounted.',
      );
      return { value: media, text };
    },
  }),
  defineCommand({
    noun: 'bundle',
    verb: 'show',
    about: 'show one imported bundle with its chain of custody',
    arguments: [{ name: 'bundle', about: 'stream and number, main/12' }],
    access: 'person',
    channels: ['bundles.list'],
    run: async ({ client, input }) => {
      const id = input.text('bundle');
      const bundle = (await client.invoke('bundles.list', {})).find((item) => item.id === id);
      if (bundle === undefined)
        throw usageError(`No bundle ${id} was imported.`, '`sallyport bundle list` shows them.');
      return { value: bundle, text: describeBundle(bundle) };
    },
  }),
  defineCommand({
    noun: 'bundle',
    verb: 'built',
    about:
      'list the bundles that were built in the Collect workspace of this site, and for which needs-lists',
    access: 'person',
    channels: ['collect.built'],
    run: async ({ client }) => {
      const built = await client.invoke('collect.built', {});
      const text = formatTable(
        built,
        [
          { title: 'BUNDLE', cell: (row) => `${row.stream}/${row.seq}` },
          { title: 'BUILT', cell: (row) => formatInstant(row.createdAt) },
          { title: 'BY', cell: (row) => row.builtBy },
          { title: 'FOR', cell: (row) => listOf(row.needs, 4) },
          { title: 'SIZE', cell: (row) => formatBytes(row.bytes), right: true },
          { title: 'LEFT OUT', cell: (row) => formatBytes(row.heldBytes), right: true },
          { title: 'MISSING', cell: (row) => String(row.missing.length), right: true },
          { title: 'FOLDER', cell: (row) => row.folder },
        ],
        'No bundle was built here yet.',
      );
      return { value: built, text };
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
