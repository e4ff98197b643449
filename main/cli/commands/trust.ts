import type { OutputOf } from '../../../contract/channels.ts';
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
    ['Fingerprint', root.fingerprint],
    ['Keys', `${root.keys}, of which ${root.threshold} must sign`],
    ['Expires', formatInstant(root.expiresAt)],
    ['Time floor', timeFloor === null ? 'none yet' : formatInstant(timeFloor)],
  ]);
}

/** A fingerprint as people pass it on: groups, colons and capitals are welcome. */
export function parseFingerprint(text: string): string {
  const digits = text.replace(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw usageError(
      'A fingerprint of a root has 64 hexadecimal digits.',
      'The connected side shows it when it makes its keys; `sallyport bundle inspect` shows what is on the media.',
    );
  }
  return digits;
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
        flags: '--fingerprint <sha256>',
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
