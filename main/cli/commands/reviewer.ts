import type { OutputOf } from '../../../contract/channels.ts';
import { COMPARED_WAYS } from '../../../contract/reviewers.ts';
import { fingerprintGroups } from '../../bundle/fingerprint.ts';
import { readChoice } from '../choices.ts';
import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant, formatTable, shortId } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { pickId } from '../pick.ts';
import { usageError } from '../usage.ts';

type ReviewKey = OutputOf<'reviewers.enrol'>;

function stateOf(key: ReviewKey): string {
  if (key.revokedAt !== null) {
    return `revoked ${formatInstant(key.revokedAt)} by ${key.revokedBy ?? ''}: ${key.revokedReason ?? ''}`;
  }
  if (key.validUntil === null) return 'counts';
  return `${key.state === 'expired' ? 'expired' : 'counts until'} ${formatInstant(key.validUntil)}`;
}

const customersOf = (key: ReviewKey): string =>
  key.customers.length === 0 ? 'nobody in particular' : key.customers.join(', ');

const describeKey = (key: ReviewKey): string =>
  formatFacts([
    ['Person', key.personName],
    ['Key', fingerprintGroups(key.id)],
    ['In words', key.words.join(' ')],
    ['Speaks for', customersOf(key)],
    ['Enrolled', `${formatInstant(key.enrolledAt)} by ${key.enrolledBy}`],
    ['Compared', key.compared ?? 'not said how'],
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
          { title: 'SPEAKS FOR', cell: customersOf },
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
    verb: 'read',
    about: 'show what an enrolment file says, before its fingerprint is compared; takes nothing in',
    arguments: [{ name: 'file', about: 'enrolment file, or a .pub file by ssh-keygen' }],
    access: 'person',
    channels: ['reviewers.read'],
    run: async ({ client, input, world }) => {
      const enrolment = await client.invoke('reviewers.read', {
        file: resolvePath(world, input.text('file')),
      });
      const text = formatFacts([
        ['Name', enrolment.name],
        ['Public key', enrolment.publicKey],
        ['At this site', enrolment.known === null ? 'not enrolled' : stateOf(enrolment.known)],
      ]);
      return { value: enrolment, text };
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
        about: '64 digits, the text of an enrolment sheet, or the line of a .pub file by ssh-keygen',
      },
      { flags: '--public-file <file>', about: 'the same from an enrolment file' },
      {
        flags: '--fingerprint <fingerprint>',
        about: 'as the owner said or wrote it: digits, or its 24 words',
        required: true,
      },
      { flags: '--valid-until <instant>', about: 'ISO 8601, UTC; without it until it is revoked' },
      {
        flags: '--compared <how>',
        about: 'how the fingerprint was compared',
        choices: COMPARED_WAYS,
      },
      {
        flags: '--customer <name>',
        about: 'a customer that the person speaks for; may be given several times, by a service manager',
        repeat: true,
      },
    ],
    access: 'person',
    channels: ['reviewers.read', 'reviewers.enrol'],
    run: async ({ client, input, world }) => {
      const file = input.maybe('publicFile');
      const typed = input.maybe('public');
      if ((file === undefined) === (typed === undefined)) {
        throw usageError(
          'Give the public key either as text or as a file.',
          'Use --public or --public-file.',
        );
      }
      const publicKey =
        typed ?? (await client.invoke('reviewers.read', { file: resolvePath(world, file ?? '') })).publicKey;
      const compared = input.maybe('compared');
      const customers = input.list('customer');
      const key = await client.invoke('reviewers.enrol', {
        ...{ name: input.text('name'), publicKey, fingerprint: input.text('fingerprint') },
        validUntil: input.maybe('validUntil') ?? null,
        compared: compared === undefined ? null : readChoice(COMPARED_WAYS, compared),
        customers: customers.length === 0 ? null : [...customers],
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
