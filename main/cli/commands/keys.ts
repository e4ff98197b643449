import { defineCommand } from '../command.ts';
import { formatFacts } from '../format.ts';
import { resolvePath } from '../paths.ts';
import type { Secrets } from '../secrets.ts';

export const KEYS_PASSPHRASE_OPTION = {
  flags: '--keys-passphrase-file <file>',
  about: 'passphrase of the signing keys; - reads it from stdin (or SALLYPORT_KEYS_PASSPHRASE)',
} as const;

/** The passphrase that seals the signing keys: another one than any person's at a site. */
export function readKeysPassphrase(
  secrets: Secrets,
  file: string | undefined,
  isNew: boolean,
): Promise<string> {
  return secrets.readLine({
    what: isNew ? 'the new passphrase of the signing keys' : 'the passphrase of the signing keys',
    file,
    option: '--keys-passphrase-file',
    variable: 'SALLYPORT_KEYS_PASSPHRASE',
    isNew,
  });
}

export const keysCommands = [
  defineCommand({
    noun: 'keys',
    verb: 'create',
    about: 'make signing keys and the root of trust that sites pin; needs no site',
    arguments: [{ name: 'folder', about: 'new or empty folder for the keys' }],
    options: [KEYS_PASSPHRASE_OPTION],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      const passphrase = await readKeysPassphrase(secrets, input.maybe('keysPassphraseFile'), true);
      const { createSigningKeys } = await import('../../collect/signing-keys.ts');
      const { dir, keyId, fingerprint } = await createSigningKeys({
        dir: resolvePath(world, input.text('folder')),
        passphrase,
        now: world.now(),
      });
      const facts = formatFacts([
        ['Folder', dir],
        ['Key', keyId],
        ['Root fingerprint', fingerprint],
      ]);
      return {
        value: { folder: dir, keyId, rootFingerprint: fingerprint },
        text: `${facts}\n\nTell the fingerprint to the site by another way than the media. Keep a copy of the folder in a safe.`,
      };
    },
  }),
];
