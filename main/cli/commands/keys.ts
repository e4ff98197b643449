import { defineCommand } from '../command.ts';
import { fingerprintGroups, fingerprintWords } from '../../bundle/fingerprint.ts';
import { formatFacts, formatInstant, formatTable, printable } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import { ceremonyCommand, writeCard } from './keys-ceremony.ts';
import { keysChangeCommands } from './keys-change.ts';
import { KEYS_PASSPHRASE_OPTION, readKeysPassphrase } from './keys-input.ts';

export const keysCommands = [
  ceremonyCommand,
  defineCommand({
    noun: 'keys',
    verb: 'create',
    about: 'make one key that signs everything, for a laboratory or a demonstration; needs no site',
    arguments: [{ name: 'folder', about: 'new or empty folder for the key' }],
    options: [
      { flags: '--single', about: 'one key for every role; whoever has it can do everything' },
      KEYS_PASSPHRASE_OPTION,
    ],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      if (!input.flag('single')) {
        throw usageError(
          'One key that signs everything must be asked for with --single.',
          'For a real site hold a ceremony: sallyport keys ceremony.',
        );
      }
      const passphrase = await readKeysPassphrase(secrets, input.maybe('keysPassphraseFile'), true);
      const { createSigningKeys } = await import('../../collect/signing-keys.ts');
      const { dir, keyId, fingerprint } = await createSigningKeys({
        dir: resolvePath(world, input.text('folder')),
        passphrase,
        now: world.now(),
        ...(world.keyCost === undefined ? {} : { scrypt: world.keyCost }),
      });
      const facts = formatFacts([
        ['Folder', dir],
        ['Key', keyId],
        ['Root fingerprint', fingerprintGroups(fingerprint)],
        ['In words', fingerprintWords(fingerprint).join(' ')],
      ]);
      return {
        value: { folder: dir, keyId, rootFingerprint: fingerprint },
        text: `${facts}\n\nTell the fingerprint to the site by another way than the media. Keep a copy of the folder in a safe.`,
      };
    },
  }),
  defineCommand({
    noun: 'keys',
    verb: 'status',
    about: 'say who holds which key, what is due, and what a draft of a root waits for',
    arguments: [{ name: 'folder', about: 'folder of the building machine' }],
    options: [{ flags: '--card <file>', about: 'also writes the page to print (HTML)' }],
    access: 'none',
    channels: [],
    run: async (call) => {
      const { input, world } = call;
      const { readKeyStatus } = await import('../../collect/key-status.ts');
      const dir = resolvePath(world, input.text('folder'));
      const status = readKeyStatus(dir, world.now());
      const card = input.maybe('card');
      if (card !== undefined) await writeCard(call, dir, resolvePath(world, card));
      const text = [
        status.words.join('\n'),
        formatTable(
          status.keys,
          [
            { title: 'KEY', cell: (row) => printable(row.name) },
            { title: 'FOR', cell: (row) => row.use },
            { title: 'KEY ID', cell: (row) => row.keyId.slice(0, 16) },
            { title: 'REPLACE BY', cell: (row) => formatInstant(row.replaceBy) },
          ],
          'One key signs everything.',
        ),
        formatFacts([
          ['Root', `version ${status.version}, expires ${formatInstant(status.expires)}`],
          ['First root', fingerprintGroups(status.fingerprint)],
          ['In words', fingerprintWords(status.fingerprint).join(' ')],
        ]),
      ].join('\n\n');
      return { value: status, text };
    },
  }),
  defineCommand({
    noun: 'keys',
    verb: 'rehearse',
    about: "open a keyholder's key and sign with it, as a rehearsal; changes nothing",
    arguments: [{ name: 'medium', about: 'folder of the medium' }],
    options: [
      {
        flags: '--keys <folder>',
        about: 'folder of the building machine, to see whether the key still counts',
      },
      { flags: '--medium-passphrase-file <file>', about: 'passphrase of the medium; asked for when absent' },
    ],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      const passphrase = await secrets.readLine({
        what: 'the passphrase of the medium',
        file: input.maybe('mediumPassphraseFile'),
        option: '--medium-passphrase-file',
      });
      const medium = resolvePath(world, input.text('medium'));
      const keys = input.maybe('keys');
      const { readRootAt, rehearse } = await import('../../collect/key-media.ts');
      const { readRootChain } = await import('../../collect/signing-keys.ts');
      const root =
        keys === undefined
          ? readRootAt(`${medium}/1.root.json`)
          : readRootChain(resolvePath(world, keys)).newest;
      const shown = await rehearse(medium, passphrase, root);
      const counts =
        shown.counts === null
          ? 'There is no root at hand to say whether it counts.'
          : `Root ${shown.rootVersion ?? ''} ${shown.counts ? 'counts it' : 'does NOT count it'}.`;
      return {
        value: shown,
        text: `The key of ${printable(shown.holder ?? 'nobody named')} opens and signs. ${counts}`,
      };
    },
  }),
  ...keysChangeCommands,
];
