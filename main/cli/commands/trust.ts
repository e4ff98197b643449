import type { OutputOf } from '../../../contract/channels.ts';
import { fingerprintGroups, fingerprintWords, readFingerprint } from '../../bundle/fingerprint.ts';
import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';

function describeTrust({ root, timeFloor }: OutputOf<'trust.get'>): string {
  if (root === null) {
    return 'No root of trust is pinned: this site accepts no bundle yet.';
  }
  return formatFacts([
    ['Root version', String(root.version)],
    ['Fingerprint', fingerprintGroups(root.fingerprint)],
    ['In words', fingerprintWords(root.fingerprint).join(' ')],
    ['Keys', `${root.keys}, of which ${root.threshold} must sign`],
    ['Expires', formatInstant(root.expiresAt)],
    ['Time floor', timeFloor === null ? 'none yet' : formatInstant(timeFloor)],
  ]);
}

/** A fingerprint as people pass it on: groups, colons and capitals are welcome, and so are its words. */
export function parseFingerprint(text: string): string {
  const fingerprint = readFingerprint(text);
  if (fingerprint !== null) return fingerprint;
  throw usageError(
    'A fingerprint of a root has 64 hexadecimal digits, or 24 words that fit each other.',
    'The connected side shows it when it makes its keys; `sallyport bundle inspect` shows what is on the media.',
  );
}

export const trustCommands = [
  defineCommand({
    noun: 'trust',
    verb: 'show',
    about: 'show the pinned root of trust',
    access: 'person',
    channels: ['trust.get'],
    run: async ({ client }) => {
      const trust = await client.invoke('trust.get', {});
      return { value: trust, text: describeTrust(trust) };
    },
  }),
  defineCommand({
    noun: 'trust',
    verb: 'pin',
    about: 'pin the root of trust that a bundle folder carries, if it has this fingerprint',
    arguments: [{ name: 'folder', about: 'folder of the bundle' }],
    options: [
      {
        flags: '--fingerprint <digits-or-words>',
        about: 'as the connected side told it by another way than the media',
        required: true,
      },
    ],
    access: 'person',
    channels: ['trust.pinRoot'],
    run: async ({ client, input, world }) => {
      const trust = await client.invoke('trust.pinRoot', {
        folder: resolvePath(world, input.text('folder')),
        fingerprint: parseFingerprint(input.text('fingerprint')),
      });
      return { value: trust, text: `Pinned.\n${describeTrust(trust)}` };
    },
  }),
];
