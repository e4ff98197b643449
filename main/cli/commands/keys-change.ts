import type { Answer, Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import type { DraftState, RootChange } from '../../collect/root-draft.ts';
import { EXIT } from '../exit-codes.ts';
import { formatFacts, formatTable, printable } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import {
  choiceOf,
  HOLDER_PASSPHRASE_OPTION,
  KEYS_PASSPHRASE_OPTION,
  readHolderPassphrase,
  readHolders,
  readKeysPassphrase,
  readPairs,
  SAME_DISK_OPTION,
} from './keys-input.ts';

const folderArgument = { name: 'folder', about: 'folder of the building machine' } as const;
const SIGNER_OPTION = {
  flags: '--signer <name=folder>',
  about: 'a keyholder who signs right here, and the folder of their medium',
  repeat: true,
} as const;
const ADD_OPTION = {
  flags: '--add-holder <name=folder>',
  about: 'a new keyholder and the folder of their own medium',
  repeat: true,
} as const;

/** Drafts the next root, lets those sign who are here, and puts it into the chain if that is enough. */
async function change(
  call: Call<never>,
  wanted: Pick<RootChange, 'removeHolders' | 'renew'>,
): Promise<Answer> {
  const { input, secrets, world } = call;
  const addHolders = await readHolders(call, { name: 'addHolder', flag: '--add-holder' });
  const passphrase =
    wanted.renew.length === 0
      ? undefined
      : await readKeysPassphrase(secrets, input.maybe('keysPassphraseFile'), wanted.renew.length > 1);
  const threshold = input.whole('threshold');
  const { acceptDraft, draftRoot, signDraft } = await import('../../collect/root-draft.ts');
  const dir = resolvePath(world, input.text('folder'));
  const draft = await draftRoot({
    dir,
    change: { addHolders, ...wanted, ...(threshold === undefined ? {} : { threshold }) },
    ...(passphrase === undefined ? {} : { passphrase }),
    now: world.now(),
    allowSameDisk: input.flag('allowSameDisk'),
    ...(world.keyCost === undefined ? {} : { scrypt: world.keyCost }),
  });
  const files = readPairs(input.list('holderPassphraseFile'), '--holder-passphrase-file');
  for (const [name, folder] of readPairs(input.list('signer'), '--signer')) {
    const secret = await readHolderPassphrase(secrets, name, files.get(name), false);
    await signDraft({ file: draft.file, folder: resolvePath(world, folder), passphrase: secret });
  }
  return answerOf(acceptDraft(dir, [draft.file]));
}

async function answerOf(state: DraftState): Promise<Answer> {
  const { draftWords } = await import('../../collect/key-status.ts');
  const words = state.isComplete
    ? `Root ${state.version} is in force for every bundle from now on. Sites follow it by themselves.`
    : `${draftWords(state)}\nTake a copy of the draft to them: sallyport keys sign-root <draft> --medium <folder>\nThen: sallyport keys accept-root <folder> <draft...>`;
  const facts = formatFacts([
    [state.isComplete ? 'Root' : 'Draft', state.file],
    ['Signed by', state.signedBy.map(printable).join(', ') || 'nobody yet'],
  ]);
  return { value: state, text: `${facts}\n\n${words}`, exit: state.isComplete ? EXIT.ok : EXIT.partial };
}

const rotateCommand = defineCommand({
  noun: 'keys',
  verb: 'rotate',
  about:
    'draft the next root: other keyholders, another threshold, new signing keys, or a later expiry alone',
  arguments: [folderArgument],
  options: [
    ADD_OPTION,
    { flags: '--remove-holder <name>', about: 'a keyholder who leaves', repeat: true },
    { flags: '--threshold <number>', about: 'keyholders who must sign from then on', whole: true },
    { flags: '--new-release', about: 'a new release key for this machine' },
    { flags: '--new-builder', about: 'a new builder key for this machine' },
    SIGNER_OPTION,
    HOLDER_PASSPHRASE_OPTION,
    KEYS_PASSPHRASE_OPTION,
    SAME_DISK_OPTION,
  ],
  access: 'none',
  channels: [],
  run: (call) => {
    const { input } = call;
    const why = 'replaced' as const;
    return change(call, {
      removeHolders: input.list('removeHolder').map((name) => ({ name, why })),
      renew: [
        ...(input.flag('newRelease') ? [{ use: 'release', why } as const] : []),
        ...(input.flag('newBuilder') ? [{ use: 'builder', why } as const] : []),
      ],
    });
  },
});

const revokeCommand = defineCommand({
  noun: 'keys',
  verb: 'revoke',
  about: 'replace a key that was lost or that somebody else may have',
  arguments: [folderArgument],
  options: [
    {
      flags: '--of <name>',
      about: 'whose: the name of a keyholder, or release, or builder',
      required: true,
      repeat: true,
    },
    {
      flags: '--why <reason>',
      about: 'what happened to it',
      choices: ['lost', 'compromised'],
      required: true,
    },
    ADD_OPTION,
    { flags: '--threshold <number>', about: 'keyholders who must sign from then on', whole: true },
    SIGNER_OPTION,
    HOLDER_PASSPHRASE_OPTION,
    KEYS_PASSPHRASE_OPTION,
    SAME_DISK_OPTION,
  ],
  access: 'none',
  channels: [],
  run: (call) => {
    const why = choiceOf(call.input, 'why', ['lost', 'compromised'], 'compromised');
    const names = call.input.list('of');
    return change(call, {
      removeHolders: names
        .filter((name) => name !== 'release' && name !== 'builder')
        .map((name) => ({ name, why })),
      renew: (['release', 'builder'] as const)
        .filter((use) => names.includes(use))
        .map((use) => ({ use, why })),
    });
  },
});

const signCommand = defineCommand({
  noun: 'keys',
  verb: 'sign-root',
  about: 'sign the draft of a root as a keyholder; on any machine, no folder of the builder needed',
  arguments: [{ name: 'draft', about: 'the draft, or a copy of it; the signature is added to this file' }],
  options: [
    { flags: '--medium <folder>', about: 'the medium with your key', required: true },
    { flags: '--medium-passphrase-file <file>', about: 'its passphrase; asked for when absent' },
    { flags: '--yes', about: 'do not ask whether the changes are the ones that were agreed' },
  ],
  access: 'none',
  channels: [],
  run: async (call) => {
    const { input, secrets, world, json } = call;
    const { planOfDraft, signDraft } = await import('../../collect/root-draft.ts');
    const file = resolvePath(world, input.text('draft'));
    const { version, plan } = planOfDraft(file);
    if (!json && world.terminal.canAsk && !input.flag('yes')) {
      call.note(
        `Root ${version}: ${plan?.threshold ?? '?'} of these keyholders sign a change.\n${formatTable(
          plan?.keys ?? [],
          [
            { title: 'KEY', cell: (row) => printable(row.name) },
            { title: 'FOR', cell: (row) => row.use },
            { title: 'PUBLIC KEY', cell: (row) => row.publicKey.keyval.public },
          ],
          'No key.',
        )}`,
      );
      for (const { name, use, why } of plan?.revoked ?? [])
        call.note(`no longer: ${printable(name)} (${use}), ${why}`);
      if (!/^y(es)?$/i.test((await world.ask('Is this what was agreed? [y/N] ')).trim())) {
        throw usageError('The draft was not signed.', 'Ask whoever sent it what it is for.');
      }
    }
    const passphrase = await secrets.readLine({
      what: 'the passphrase of your medium',
      file: input.maybe('mediumPassphraseFile'),
      option: '--medium-passphrase-file',
    });
    const signed = await signDraft({ file, folder: resolvePath(world, input.text('medium')), passphrase });
    return {
      value: { ...signed, file },
      text: `Signed root ${signed.version} as ${printable(signed.holder ?? signed.keyId)}. Bring ${file} back to the building machine.`,
    };
  },
});

const acceptCommand = defineCommand({
  noun: 'keys',
  verb: 'accept-root',
  about: 'take signed copies of the draft together; the root counts when enough keyholders have signed',
  arguments: [folderArgument, { name: 'drafts', about: 'copies that came back', optional: true, many: true }],
  access: 'none',
  channels: [],
  run: async ({ input, world }) => {
    const { acceptDraft } = await import('../../collect/root-draft.ts');
    const drafts = input.list('drafts').map((file) => resolvePath(world, file));
    return answerOf(acceptDraft(resolvePath(world, input.text('folder')), drafts));
  },
});

export const keysChangeCommands = [rotateCommand, revokeCommand, signCommand, acceptCommand];
