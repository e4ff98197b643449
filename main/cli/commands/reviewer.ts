import type { OutputOf } from '../../../contract/channels.ts';
import { fingerprintGroups } from '../../bundle/fingerprint.ts';
import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant, formatTable, shortId } from '../format.ts';
import { pickId } from '../pick.ts';

type ReviewKey = OutputOf<'reviewers.enrol'>;

const stateOf = (key: ReviewKey): string =>
  key.revokedAt !== null
    ? `revoked ${formatInstant(key.revokedAt)}: ${key.revokedReason ?? ''}`
    : key.validUntil === null
      ? 'counts'
      : `counts until ${formatInstant(key.validUntil)}`;

const describeKey = (key: ReviewKey): string =>
  formatFacts([
    ['Person', key.personName],
    ['Key', fingerprintGroups(key.id)],
    ['Enrolled', `${formatInstant(key.enrolledAt)} by ${key.enrolledBy}`],
    ['State', stateOf(key)],
  ]);

export const reviewerCommands = [
  defineCommand({
    noun: 'reviewer',
    verb: 'list',
    about: 'list the keys that customers sign decisions with',
    access: 'person',
    channels: ['reviewers.list'],
    run: async ({ client }) => {
      const keys = await client.invoke('reviewers.list', {});
      const text = formatTable(
        keys,
        [
          { title: 'KEY', cell: (row) => shortId(row.id) },
          { title: 'PERSON', cell: (row) => row.personName },
          { title: 'ENROLLED', cell: (row) => `${formatInstant(row.enrolledAt)} by ${row.enrolledBy}` },
          { title: 'STATE', cell: stateOf },
        ],
        'No key of a customer is enrolled.',
      );
      return { value: keys, text };
    },
  }),
  defineCommand({
    noun: 'reviewer',
    verb: 'enrol',
    about: "let a customer's key decide, after comparing its fingerprint with its owner",
    arguments: [{ name: 'name', about: 'the person whose key it is' }],
    options: [
      {
        flags: '--public <digits>',
        about: '64 digits, or the line of a .pub file by ssh-keygen',
        required: true,
      },
      {
        flags: '--fingerprint <fingerprint>',
        about: 'as the owner said or wrote it: digits, or its 24 words',
        required: true,
      },
      { flags: '--valid-until <instant>', about: 'ISO 8601, UTC; without it until it is revoked' },
    ],
    access: 'person',
    channels: ['reviewers.enrol'],
    run: async ({ client, input }) => {
      const key = await client.invoke('reviewers.enrol', {
        name: input.text('name'),
        publicKey: input.text('public'),
        fingerprint: input.text('fingerprint'),
        validUntil: input.maybe('validUntil') ?? null,
      });
      return { value: key, text: describeKey(key) };
    },
  }),
  defineCommand({
    noun: 'reviewer',
    verb: 'revoke',
    about: 'let a key decide nothing any more; approvals that rest on it end',
    arguments: [{ name: 'key', about: 'its fingerprint, or the beginning of it' }],
    options: [{ flags: '--reason <text>', about: 'why', required: true }],
    access: 'person',
    channels: ['reviewers.list', 'reviewers.revoke'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('key'), 'key', () => client.invoke('reviewers.list', {}));
      const key = await client.invoke('reviewers.revoke', { id, reason: input.text('reason') });
      return { value: key, text: describeKey(key) };
    },
  }),
];
