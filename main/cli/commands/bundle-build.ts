import { readBytes } from '../../../contract/sizes.ts';
import type { buildBundle } from '../../collect/build-bundle.ts';
import { ENGINE_VERSION } from '../../app/version.ts';
import type { Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import { KEYS_PASSPHRASE_OPTION, readKeysPassphrase } from './keys-input.ts';

/**
 * Reads `ROOT=ADDRESS` of each `--mirror`.
 *
 * @throws CONTRACT_INPUT_INVALID
 */
export function parseMirrors(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, root, address] = /^([a-z0-9][a-z0-9.-]*)=(.+)$/.exec(text) ?? [];
      if (root === undefined || address === undefined) {
        throw usageError(
          `"${text}" is not a mirror.`,
          'Write ROOT=ADDRESS: the last part of the base address, then all of it.',
        );
      }
      return [root, address];
    }),
  );
}

/** @returns bytes. @throws CONTRACT_INPUT_INVALID */
function parseSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = readBytes(text);
  if (bytes === null) throw usageError(`"${text}" is not a size.`, 'Write 32G, 64GB or 700MiB.');
  return bytes;
}

async function readNeeds(call: Call<never>, needs: readonly string[], baselines: readonly string[]) {
  const { world } = call;
  const { mergeNeedsLists, parseNeedsList } = await import('../../core/needs-list.ts');
  const { parseBaseline } = await import('../../core/baseline.ts');
  const read = async (file: string): Promise<string> => {
    try {
      return new TextDecoder().decode(await world.readFile(resolvePath(world, file)));
    } catch (cause) {
      throw usageError(`${file} can't be read.`, cause instanceof Error ? cause.message : undefined);
    }
  };
  if (needs.length + baselines.length === 0) {
    // Databases are for whoever has a scanner, an agent for whoever wants it: neither asks for a list.
    if (call.input.maybe('malwareDatabase') !== undefined || call.input.maybe('agent') !== undefined)
      return {
        format: 'sallyport-needs-list/1',
        createdAt: world.now(),
        platforms: [],
        holdings: null,
      } as const;
    throw usageError('What the bundle is for is missing.', 'Give a needs-list or a baseline.');
  }
  return mergeNeedsLists([
    ...(await Promise.all(needs.map(async (file) => parseNeedsList(await read(file))))),
    ...(await Promise.all(baselines.map(async (file) => parseBaseline(await read(file), world.now())))),
  ]);
}

const PHASES = {
  indexes: 'reading the vendor’s indexes',
  packages: 'fetching packages',
  changelogs: 'reading changelogs',
  writing: 'writing the bundle',
} as const;

export const buildCommand = defineCommand({
  noun: 'bundle',
  verb: 'build',
  about: 'fetch what needs-lists ask for and write it as a signed bundle; needs no site',
  arguments: [{ name: 'folder', about: 'new or empty folder to write to' }],
  options: [
    {
      flags: '--needs <file>',
      about: 'needs-list of a site; several are merged',
      repeat: true,
    },
    {
      flags: '--baseline <file>',
      about: 'repositories to bring everything of, for a site that sends no needs-list',
      repeat: true,
    },
    {
      flags: '--site <name>',
      about: 'keep a register of what this site is given, and leave out what it was given before',
    },
    { flags: '--keys <folder>', about: 'folder of the signing keys', required: true },
    KEYS_PASSPHRASE_OPTION,
    {
      flags: '--stream <name>',
      about: 'sequence of bundles that it belongs to (that of the needs-list when absent)',
    },
    {
      flags: '--mirror <root=address>',
      about: 'base address of a repository root; others come from the apt sources of this machine',
      repeat: true,
    },
    { flags: '--keyring <file>', about: "the vendor's keys" },
    {
      flags: '--vendor-keys <file>',
      about: 'public keys of a vendor of RPM packages, as it publishes them',
      repeat: true,
    },
    {
      flags: '--unsigned <root>',
      about: 'take the RPM repositories of this root though nobody signed them',
      repeat: true,
    },
    {
      flags: '--advisories <file>',
      about: "a vendor's advisories, file or address: Debian's tracker, CVE or DSA list, USN, OSV, CSAF",
      repeat: true,
    },
    { flags: '--kev <file>', about: "CISA's known exploited vulnerabilities, file or address" },
    { flags: '--epss <file>', about: "FIRST's EPSS scores, file or address" },
    {
      flags: '--microsoft <folder>',
      about:
        "folder of Microsoft's updates: .msu, .cab, .msp, .exe, wsusscn2.cab, MSRC documents, catalogue.json",
    },
    {
      flags: '--malware-database <folder>',
      about:
        "ClamAV's signature databases, as freshclam keeps them; without a needs-list a bundle of stream malware",
    },
    {
      flags: '--agent <folder>',
      about: "packages of Sallyport's own Linux agent; without a needs-list a bundle of stream agent",
    },
    {
      flags: '--download-folder <folder>',
      about: 'keeps what was fetched (in the folder of the keys when absent)',
    },
    {
      flags: '--keep-downloads <days>',
      about: 'remove from that folder what no build has used for so many days (60 when absent)',
      whole: true,
    },
    { flags: '--downloads-size <size>', about: 'and the longest unused beyond this size' },
    { flags: '--full', about: 'leave nothing out, also what the site has' },
    {
      flags: '--volume-size <size>',
      about: 'spread the bundle over media of this size, as printed on them: 32G, 64GB, 700MiB',
    },
    { flags: '--part-size <size>', about: 'cut larger files into parts of this size (1GiB when absent)' },
    { flags: '--built-by <name>', about: 'who builds it, for the chain of custody' },
  ],
  access: 'none',
  channels: [],
  run: async (call) => {
    const { input, secrets, world, progress } = call;
    const mirrors = parseMirrors(input.list('mirror'));
    const needs = await readNeeds(call, input.list('needs'), input.list('baseline'));
    const passphrase = await readKeysPassphrase(secrets, input.maybe('keysPassphraseFile'), false);
    const path = (name: string): string | undefined => {
      const given = input.maybe(name);
      return given === undefined ? undefined : resolvePath(world, given);
    };
    const place = (given: string): string => (/^[a-z]+:\/\//.test(given) ? given : resolvePath(world, given));
    const [kev, epss] = [input.maybe('kev'), input.maybe('epss')];
    const site = input.maybe('site');
    const [stream, keyring, downloadDir] = [input.maybe('stream'), path('keyring'), path('downloadFolder')];
    const sizes = {
      volumeBytes: parseSize(input.maybe('volumeSize')),
      partBytes: parseSize(input.maybe('partSize')),
    };
    const builtBy = input.maybe('builtBy');
    const [keepDays, maxBytes] = [input.whole('keepDownloads'), parseSize(input.maybe('downloadsSize'))];
    const prune = {
      ...(keepDays === undefined ? {} : { keepDays }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    };
    const [microsoft, malwareDatabase] = [path('microsoft'), path('malwareDatabase')];
    const agent = path('agent');
    const abort = new AbortController();
    const stopListening = world.onInterrupt(() => abort.abort());
    try {
      const { buildBundle: build } = await import('../../collect/build-bundle.ts');
      const result = await build(
        {
          needs,
          outDir: resolvePath(world, input.text('folder')),
          keysDir: resolvePath(world, input.text('keys')),
          passphrase,
          now: world.now(),
          mirrors,
          full: input.flag('full'),
          vendorKeys: input.list('vendorKeys').map((file) => resolvePath(world, file)),
          unsignedRoots: input.list('unsigned'),
          appVersion: ENGINE_VERSION,
          prune,
          ...(sizes.volumeBytes === undefined ? {} : { volumeBytes: sizes.volumeBytes }),
          ...(sizes.partBytes === undefined ? {} : { partBytes: sizes.partBytes }),
          ...(builtBy === undefined ? {} : { builtBy }),
          ...(site === undefined ? {} : { site }),
          ...(stream === undefined ? {} : { stream }),
          ...(keyring === undefined ? {} : { keyring }),
          risk: {
            advisories: input.list('advisories').map(place),
            ...(kev === undefined ? {} : { kev: place(kev) }),
            ...(epss === undefined ? {} : { epss: place(epss) }),
          },
          ...(microsoft === undefined ? {} : { microsoft }),
          ...(malwareDatabase === undefined ? {} : { malwareDatabase }),
          ...(agent === undefined ? {} : { agent }),
          ...(downloadDir === undefined ? {} : { downloadDir }),
        },
        ({ phase, done, total }) => {
          const shown = phase === 'packages' || phase === 'writing' ? formatBytes : String;
          progress.show({
            key: 'build',
            text: PHASES[phase],
            amount: total > 0 ? ` (${shown(done)} of ${shown(total)})` : '',
          });
        },
        abort.signal,
      );
      const incomplete = result.missing.length + result.unmet.length > 0;
      return { value: result, text: describeBuilt(result), exit: incomplete ? EXIT.partial : EXIT.ok };
    } finally {
      stopListening();
      progress.end();
    }
  },
});

type Built = Awaited<ReturnType<typeof buildBundle>>;

const describeAmount = ({ packages, bytes }: Built['downloaded']): string =>
  `${count(packages, 'package')}, ${formatBytes(bytes)}`;

const describePruned = ({ files, bytes, leftBytes }: Built['pruned']): string =>
  files === 0
    ? `${formatBytes(leftBytes)}, nothing removed`
    : `${formatBytes(leftBytes)}; ${count(files, 'file')} removed, ${formatBytes(bytes)}`;

function describeBuilt(built: Built): string {
  const parts = [
    formatFacts([
      ['Bundle', `${built.stream}/${built.seq}`],
      [built.volumes.length === 1 ? 'Folder' : 'Media', built.volumes.join('\n')],
      ['Signed', formatInstant(built.createdAt)],
      ['Content', `${count(built.objects, 'object')}, ${formatBytes(built.bytes)}`],
      ['Packages', `${count(built.upgrades, 'upgrade')}, ${count(built.additions, 'addition')}`],
      ['Left out', `${count(built.alreadyHeld, 'package')} that the site has`],
      ['Fetched now', describeAmount(built.downloaded)],
      ['Download folder', describePruned(built.pruned)],
      ['Advisories', `${built.advisories}, ${count(built.cves, 'CVE')}`],
      ['Risk data', listOf(built.feeds.map(({ feed, date }) => `${feed} of ${formatInstant(date)}`))],
      ['Agent', listOf(built.agents)],
      ['Manifest', built.manifestSha256],
      ['Root fingerprint', built.fingerprint],
    ]),
    formatTable(
      built.repositories,
      [
        { title: 'REPOSITORY', cell: (row) => row.root },
        { title: 'SUITE', cell: (row) => row.suite },
        { title: 'RELEASED', cell: (row) => formatInstant(row.releaseDate) },
        { title: 'VALID UNTIL', cell: (row) => formatInstant(row.validUntil) },
        { title: 'OFFERS', cell: (row) => (row.offered === undefined ? '' : describeAmount(row.offered)) },
        { title: 'CARRIED', cell: (row) => (row.carried === undefined ? '' : describeAmount(row.carried)) },
        {
          title: 'SIGNED BY',
          cell: (row) =>
            listOf(
              row.signedBy.map((key) => key.slice(-16)),
              3,
            ),
        },
      ],
      'No repository.',
    ),
  ];
  if (built.missing.length > 0) {
    parts.push(
      `Not to be had\n${built.missing.map(({ path, reason }) => `  ${path}: ${reason}`).join('\n')}`,
    );
  }
  if (built.unmet.length > 0)
    parts.push(`Without a candidate\n${built.unmet.map((text) => `  ${text}`).join('\n')}`);
  return parts.join('\n\n');
}
