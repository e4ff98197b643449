import type { OutputOf } from '../../../contract/channels.ts';
import { fingerprintGroups, fingerprintWords, readFingerprint } from '../../bundle/fingerprint.ts';
import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { pickOne } from '../pick.ts';
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

function describeReAnchor(item: OutputOf<'trust.confirmReAnchor'>): string {
  const givesUp = item.givesUp.map(
    ({ what, from, to }) => `${what}: version ${from}, from then on ${to} and newer`,
  );
  return formatFacts([
    ['Proposal', `${item.id}, ${item.status}`],
    ['Begins at', `${item.bundle}, root ${item.rootVersion}, manifest ${item.manifestSha256}`],
    ['Fingerprint', fingerprintGroups(item.fingerprint)],
    ['Gives up', givesUp.join('\n') || 'nothing: everything that this site knows stays, and more is known'],
    ['Reason', item.reason],
    ['Proposed', `${formatInstant(item.proposedAt)} by ${item.proposedBy}`],
    [
      'Confirmed',
      item.confirmedAt === null ? 'no' : `${formatInstant(item.confirmedAt)} by ${item.confirmedBy ?? ''}`,
    ],
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
  defineCommand({
    noun: 'trust',
    verb: 're-anchor',
    about:
      'propose that trust begins anew at a medium, after a backup was restored; counts once another person confirms it',
    arguments: [{ name: 'folder', about: 'folder of the newest bundle that there is' }],
    options: [
      {
        flags: '--fingerprint <digits-or-words>',
        about: 'of the root, as the connected side told it by another way than the media',
        required: true,
      },
      { flags: '--reason <text>', about: 'why; recorded', required: true },
    ],
    access: 'person',
    channels: ['trust.proposeReAnchor'],
    run: async ({ client, input, world }) => {
      const proposal = await client.invoke('trust.proposeReAnchor', {
        folder: resolvePath(world, input.text('folder')),
        fingerprint: parseFingerprint(input.text('fingerprint')),
        reason: input.text('reason'),
      });
      return {
        value: proposal,
        text: `Proposed. Nothing has changed. Another person compares the fingerprint and says:\n  sallyport trust confirm-re-anchor ${proposal.id} --fingerprint ...\n\n${describeReAnchor(proposal)}`,
      };
    },
  }),
  defineCommand({
    noun: 'trust',
    verb: 'confirm-re-anchor',
    about: 'confirm, as another person, that trust begins anew at the proposed medium',
    arguments: [{ name: 'proposal', about: 'its id' }],
    options: [
      {
        flags: '--fingerprint <digits-or-words>',
        about: 'of the root, as the connected side told it to you',
        required: true,
      },
    ],
    access: 'person',
    channels: ['trust.confirmReAnchor', 'trust.reAnchors'],
    run: async ({ client, input }) => {
      const id = input.text('proposal');
      const known = await client.invoke('trust.reAnchors', {});
      const confirmed = await client.invoke('trust.confirmReAnchor', {
        id: pickOne(known, id, 'proposal').id,
        fingerprint: parseFingerprint(input.text('fingerprint')),
      });
      return { value: confirmed, text: `Confirmed: trust begins anew.\n\n${describeReAnchor(confirmed)}` };
    },
  }),
  defineCommand({
    noun: 'trust',
    verb: 're-anchors',
    about: 'list where trust was proposed to begin anew, by whom and why, and what was given up',
    access: 'person',
    channels: ['trust.reAnchors'],
    run: async ({ client }) => {
      const all = await client.invoke('trust.reAnchors', {});
      return {
        value: all,
        text: all.length === 0 ? 'Trust was never re-anchored here.' : all.map(describeReAnchor).join('\n\n'),
      };
    },
  }),
];
