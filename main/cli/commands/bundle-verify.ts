import type { MediumVerdict, VerifyReport } from '../../collect/check-media.ts';
import { followOperation } from '../client.ts';
import { defineCommand, type Call } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable } from '../format.ts';
import type { Input } from '../input.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import { parseFingerprint } from './trust.ts';

const SHOWN_FINDINGS = 50;
const isTrustGiven = (input: Input): boolean =>
  input.maybe('keys') !== undefined || input.maybe('fingerprint') !== undefined;

export const verifyCommand = defineCommand({
  noun: 'bundle',
  verb: 'verify',
  about:
    'check media whole, every hash of them; imports nothing. With --keys or --fingerprint it needs no site',
  arguments: [{ name: 'media', about: 'folder of each medium; volumes in any order', many: true }],
  options: [
    { flags: '--keys <folder>', about: 'trust the newest root in this folder of signing keys, not the site' },
    {
      flags: '--fingerprint <digits-or-words>',
      about: 'trust the root on the media that has this fingerprint, not the site',
    },
    {
      flags: '--threads <number>',
      about: 'that hash at once; 1 is best for discs and disks that spin',
      whole: true,
    },
  ],
  access: 'person',
  needsNoSite: isTrustGiven,
  channels: ['bundles.verify', 'operations.wait', 'operations.cancel'],
  run: async (call) => {
    const { client, input, progress, world } = call;
    const folders = input.list('media').map((folder) => resolvePath(world, folder));
    const threads = input.whole('threads');
    if (threads !== undefined && (threads < 1 || threads > 64))
      throw usageError('There must be 1 to 64 threads.', 'Leave --threads out for the usual number.');
    if (isTrustGiven(input)) return answer(await verifyHere(call, folders, threads));
    const { result } = await followOperation(client, { progress, world }, () =>
      client.invoke('bundles.verify', { folders, ...(threads === undefined ? {} : { threads }) }),
    );
    // The engine's own report, passed on as plain data.
    return answer(result as unknown as VerifyReport);
  },
});

/** Without a site: on the machine that built the media, or any other. */
async function verifyHere(
  { input, progress, world }: Call<never>,
  folders: readonly string[],
  threads: number | undefined,
): Promise<VerifyReport> {
  const { checkMedia } = await import('../../collect/check-media.ts');
  const [keys, fingerprint] = [input.maybe('keys'), input.maybe('fingerprint')];
  if (keys !== undefined && fingerprint !== undefined)
    throw usageError('Give --keys or --fingerprint, not both.', 'Either names the root that counts.');
  const root =
    keys === undefined
      ? { fingerprint: parseFingerprint(fingerprint ?? '') }
      : { keysDir: resolvePath(world, keys) };
  const abort = new AbortController();
  const stopListening = world.onInterrupt(() => {
    progress.say('cancelling ...');
    abort.abort();
  });
  try {
    return await checkMedia(root, {
      mediaDirs: folders,
      now: world.now(),
      signal: abort.signal,
      ...(threads === undefined ? {} : { threads }),
      onProgress: (done, total) =>
        progress.show({
          key: 'verify',
          text: 'Checking the content',
          amount: total > 0 ? ` (${formatBytes(done)} of ${formatBytes(total)})` : '',
        }),
    });
  } finally {
    stopListening();
    progress.end();
  }
}

function answer(report: VerifyReport) {
  const parts = report.media.map((medium) => describeMedium(medium));
  for (const { bundle, volumes } of report.missingVolumes) {
    const word = volumes.length === 1 ? 'volume' : 'volumes';
    parts.push(
      `Not checked: ${word} ${volumes.join(', ')} of ${bundle}, which ${volumes.length === 1 ? 'is' : 'are'} on other media.`,
    );
  }
  return {
    value: report,
    text: parts.join('\n\n'),
    exit: report.isGood ? EXIT.ok : EXIT.unverified,
  };
}

function describeMedium(medium: MediumVerdict): string {
  const { bundle, findings, found } = medium;
  const volume = medium.volumes === 1 ? '' : `, volume ${medium.volume} of ${medium.volumes}`;
  const files = `${medium.goodFiles} of ${count(medium.files, 'file')}, ${formatBytes(medium.goodBytes)} of ${formatBytes(medium.bytes)}`;
  const text = formatFacts([
    ['Medium', medium.folder],
    [
      'Verdict',
      medium.isGood
        ? 'GOOD: everything is here, unchanged, and nothing else'
        : `NOT GOOD: ${count(found, 'finding')}`,
    ],
    ...(bundle === null
      ? []
      : ([
          ['Bundle', `${bundle.stream}/${bundle.seq}${volume}`],
          ['Signed', formatInstant(bundle.createdAt)],
          ['Good', files],
        ] as const)),
    ...(medium.importRefusal === null
      ? []
      : ([
          ['Import', `would be refused here: ${medium.importRefusal.message} [${medium.importRefusal.code}]`],
        ] as const)),
  ]);
  if (found === 0) return text;
  const shown = findings.slice(0, SHOWN_FINDINGS);
  const table = formatTable(
    shown,
    [
      { title: 'WHAT', cell: (row) => row.kind },
      { title: 'FILE', cell: (row) => row.file || '-' },
      { title: 'CODE', cell: (row) => row.code },
      { title: 'WHY', cell: (row) => row.message },
    ],
    '',
  );
  const more = found - shown.length;
  return [text, table, ...(more > 0 ? [`and ${more} more; --json lists up to 1000 of them`] : [])].join(
    '\n\n',
  );
}
