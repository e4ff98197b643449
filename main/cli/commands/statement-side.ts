import type { ChannelName } from '../../../contract/channels.ts';
import {
  canonicalJson,
  DEFAULT_POLICY,
  DELEGATION_TYPE,
  EMERGENCY_TYPE,
  parseDelegation,
  parseEmergency,
  parsePolicy,
  POLICY_TYPE,
} from '../../review/statement-files.ts';
import type { Answer, Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { formatFacts } from '../format.ts';
import { resolvePath } from '../paths.ts';

/** What a customer writes and signs on their own machine beside decisions: needs no site. */

const KEY_OPTIONS = [
  { flags: '--key-file <file>', about: 'your key', required: true },
  {
    flags: '--key-passphrase-file <file>',
    about: 'passphrase of the key; - reads it from stdin (or SALLYPORT_REVIEW_PASSPHRASE)',
  },
] as const;
const ARGUMENTS = [
  { name: 'draft', about: 'the draft, as you changed it' },
  { name: 'file', about: 'new file for the signed text' },
] as const;

async function writeNew(call: Call<ChannelName>, name: string, text: string): Promise<string> {
  const { writeNewFile } = await import('../../review/review-files.ts');
  const file = resolvePath(call.world, call.input.text(name));
  writeNewFile(file, text);
  return file;
}

async function draft(call: Call<ChannelName>, value: object): Promise<Answer> {
  const file = await writeNew(call, 'file', `${JSON.stringify(value, null, 2)}\n`);
  return {
    value: { file },
    text: `${formatFacts([['File', file]])}\n\nChange it with any editor, then sign it.`,
  };
}

/** Signs what `make` makes of the signer's name and the time. */
async function sign(
  call: Call<ChannelName>,
  type: string,
  make: (who: { signedBy: string; at: string }) => string,
): Promise<Answer> {
  const { input, secrets, world } = call;
  const [{ openReviewerKey }, { signStatement }] = await Promise.all([
    import('../../review/reviewer-key.ts'),
    import('../../review/statement-files.ts'),
  ]);
  const passphrase = await secrets.readLine({
    ...{ what: 'the passphrase of the key', file: input.maybe('keyPassphraseFile') },
    ...{ option: '--key-passphrase-file', variable: 'SALLYPORT_REVIEW_PASSPHRASE', isNew: false },
  });
  const key = await openReviewerKey(resolvePath(world, input.text('keyFile')), passphrase);
  const payload = make({ signedBy: key.name, at: world.now() });
  const file = await writeNew(call, 'file', signStatement(type, payload, key));
  return { value: { file }, text: `${formatFacts([['File', file]])}\n\nGive this file to the site.` };
}

/** @throws ReviewError REVIEW_FILE_UNREADABLE */
async function read(call: Call<ChannelName>): Promise<Record<string, unknown>> {
  const { readDraft } = await import('../../review/statement-files.ts');
  return readDraft(resolvePath(call.world, call.input.text('draft')));
}

const DRAFT_OPTIONS = [
  { flags: '--site-id <id>', about: 'as `sallyport site show --json` of the site says', required: true },
  { flags: '--customer <name>', about: 'the customer', required: true },
  { flags: '--group <name>', about: 'the patch group', required: true },
] as const;

export const statementSideCommands = [
  defineCommand({
    noun: 'policy',
    verb: 'draft',
    about: 'write a policy for a group to change and sign; needs no site',
    arguments: [{ name: 'file', about: 'new file' }],
    options: DRAFT_OPTIONS,
    access: 'none',
    channels: [],
    run: (call) =>
      draft(call, {
        ...{ format: 'sallyport-policy/1', siteId: call.input.text('siteId') },
        ...{ customer: call.input.text('customer'), group: call.input.text('group'), version: 1 },
        ...DEFAULT_POLICY,
      }),
  }),
  defineCommand({
    noun: 'policy',
    verb: 'sign',
    about: 'sign a policy with your own key; needs no site',
    arguments: ARGUMENTS,
    options: KEY_OPTIONS,
    access: 'none',
    channels: [],
    run: async (call) => {
      const written = await read(call);
      return sign(call, POLICY_TYPE, ({ signedBy, at }) => {
        const payload = canonicalJson({ ...written, signedAt: at, signedBy });
        parsePolicy(payload, 'the draft');
        return payload;
      });
    },
  }),
  defineCommand({
    noun: 'delegation',
    verb: 'sign',
    about: 'let another key decide for you until a day; needs no site',
    arguments: [{ name: 'file', about: 'new file' }],
    options: [
      { flags: '--site-id <id>', about: 'as `sallyport site show --json` of the site says', required: true },
      { flags: '--to <digits>', about: 'public key of whoever decides meanwhile: 64 digits', required: true },
      { flags: '--from <instant>', about: 'ISO 8601, UTC; now when absent' },
      { flags: '--until <instant>', about: 'ISO 8601, UTC', required: true },
      { flags: '--reason <text>', about: 'why', required: true },
      ...KEY_OPTIONS,
    ],
    access: 'none',
    channels: [],
    run: (call) =>
      sign(call, DELEGATION_TYPE, ({ signedBy, at }) => {
        const { input } = call;
        const payload = canonicalJson({
          ...{ format: 'sallyport-delegation/1', siteId: input.text('siteId'), to: input.text('to') },
          ...{ from: input.maybe('from') ?? at, until: input.text('until'), reason: input.text('reason') },
          ...{ signedAt: at, signedBy },
        });
        parseDelegation(payload, 'the delegation');
        return payload;
      }),
  }),
  defineCommand({
    noun: 'emergency',
    verb: 'draft',
    about: 'write an out-of-cycle request to change and sign; needs no site',
    arguments: [{ name: 'file', about: 'new file' }],
    options: [
      ...DRAFT_OPTIONS,
      { flags: '--package <name>', about: 'name of a binary or source package', repeat: true },
      { flags: '--kb <number>', about: 'KB5031356', repeat: true },
      { flags: '--cve <id>', about: 'CVE-2026-1000', repeat: true },
      { flags: '--until <instant>', about: 'ISO 8601, UTC', required: true },
      { flags: '--reason <text>', about: 'why', required: true },
      { flags: '--pulls-in', about: 'dependencies may come that only these pull in' },
    ],
    access: 'none',
    channels: [],
    run: (call) => {
      const { input } = call;
      return draft(call, {
        ...{ format: 'sallyport-emergency/1', siteId: input.text('siteId') },
        ...{ customer: input.text('customer'), groups: [input.text('group')] },
        names: [
          ...input.list('package').map((value) => ({ kind: 'package', value, version: null })),
          ...input.list('kb').map((value) => ({ kind: 'kb', value })),
          ...input.list('cve').map((value) => ({ kind: 'cve', value })),
        ],
        ...{ pullsIn: input.flag('pullsIn'), reason: input.text('reason'), until: input.text('until') },
      });
    },
  }),
  defineCommand({
    noun: 'emergency',
    verb: 'sign',
    about: 'sign an out-of-cycle request with your own key; needs no site',
    arguments: ARGUMENTS,
    options: KEY_OPTIONS,
    access: 'none',
    channels: [],
    run: async (call) => {
      const written = await read(call);
      return sign(call, EMERGENCY_TYPE, ({ signedBy, at }) => {
        const payload = canonicalJson({ ...written, requestedAt: at, signedBy });
        parseEmergency(payload, 'the draft');
        return payload;
      });
    },
  }),
];
