import type { Call } from '../command.ts';
import type { Input } from '../input.ts';
import { resolvePath } from '../paths.ts';
import type { Secrets } from '../secrets.ts';
import { usageError } from '../usage.ts';

/** What the commands about keys read from the command line and ask for. */

export const KEYS_PASSPHRASE_OPTION = {
  flags: '--keys-passphrase-file <file>',
  about: 'passphrase of the signing keys; - reads it from stdin (or SALLYPORT_KEYS_PASSPHRASE)',
} as const;

export const SAME_DISK_OPTION = {
  flags: '--allow-same-disk',
  about: 'for a laboratory: let keys of several holders lie on one disk',
} as const;

export const HOLDER_PASSPHRASE_OPTION = {
  flags: '--holder-passphrase-file <name=file>',
  about: "passphrase of a keyholder's medium; asked for when absent",
  repeat: true,
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

/** Reads `NAME=VALUE` of each value of an option. @throws CONTRACT_INPUT_INVALID */
export function readPairs(values: readonly string[], option: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const value of values) {
    const [, name, rest] = /^([^=]+)=(.+)$/.exec(value) ?? [];
    if (name === undefined || rest === undefined || pairs.has(name)) {
      throw usageError(`"${value}" does not fit ${option}.`, `Write ${option} NAME=..., each name once.`);
    }
    pairs.set(name.trim(), rest);
  }
  return pairs;
}

export interface HolderInput {
  readonly name: string;
  readonly folder: string;
  readonly passphrase: string;
}

/** Keyholders of an option `NAME=FOLDER`, with the passphrase of each. */
export async function readHolders(
  { input, secrets, world }: Call<never>,
  option: { readonly name: string; readonly flag: string },
): Promise<HolderInput[]> {
  const folders = readPairs(input.list(option.name), option.flag);
  const files = readPairs(input.list('holderPassphraseFile'), '--holder-passphrase-file');
  const holders: HolderInput[] = [];
  for (const [name, folder] of folders) {
    const passphrase = await readHolderPassphrase(secrets, name, files.get(name), true);
    holders.push({ name, folder: resolvePath(world, folder), passphrase });
  }
  return holders;
}

export function readHolderPassphrase(
  secrets: Secrets,
  name: string,
  file: string | undefined,
  isNew: boolean,
): Promise<string> {
  return secrets.readLine({
    what: isNew ? `the new passphrase of ${name}` : `the passphrase of ${name}`,
    file,
    option: '--holder-passphrase-file',
    isNew,
  });
}

/** The choice of an option with fixed choices. */
export function choiceOf<T extends string>(input: Input, name: string, choices: readonly T[], usual: T): T {
  const given = input.maybe(name);
  return choices.find((choice) => choice === given) ?? usual;
}
