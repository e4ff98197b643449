import type { Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { fingerprintGroups, fingerprintWords } from '../../bundle/fingerprint.ts';
import { formatFacts, formatInstant, formatTable } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import {
  HOLDER_PASSPHRASE_OPTION,
  KEYS_PASSPHRASE_OPTION,
  readHolders,
  readHolderPassphrase,
  readKeysPassphrase,
  SAME_DISK_OPTION,
  type HolderInput,
} from './keys-input.ts';

const USUAL_HOLDERS = 3;
const USUAL_THRESHOLD = 2;

const INTRODUCTION = `A key ceremony makes the keys that sites trust.

Each keyholder needs to be here, with an empty USB stick of their own and a passphrase that only they know.
This machine should have no network while the ceremony lasts. It takes about five minutes.
`;

/** Asks each keyholder in turn. */
async function askHolders(call: Call<never>): Promise<HolderInput[]> {
  const { world, secrets } = call;
  call.note(INTRODUCTION);
  const many = Number((await world.ask(`How many keyholders? [${USUAL_HOLDERS}] `)).trim() || USUAL_HOLDERS);
  if (!Number.isInteger(many) || many < 1 || many > 16) {
    throw usageError('That is no number of keyholders.', 'Usual are 3, of whom 2 must sign.');
  }
  const holders: HolderInput[] = [];
  for (let index = 1; index <= many; index += 1) {
    call.note(`\nKeyholder ${index} of ${many}`);
    const name = (await world.ask('Name: ')).trim();
    const folder = (await world.ask(`Insert the stick of ${name}. Its folder: `)).trim();
    if (name === '' || folder === '') throw usageError('A keyholder needs a name and a folder.');
    const passphrase = await readHolderPassphrase(secrets, name, undefined, true);
    holders.push({ name, folder: resolvePath(world, folder), passphrase });
  }
  return holders;
}

async function askThreshold({ world }: Call<never>, holders: number): Promise<number> {
  const usual = Math.min(USUAL_THRESHOLD, holders);
  return Number((await world.ask(`How many of them must sign a change? [${usual}] `)).trim() || usual);
}

export const ceremonyCommand = defineCommand({
  noun: 'keys',
  verb: 'ceremony',
  about:
    'make the keys of all keyholders, the signing keys and the root that sites pin; asks for what is not given',
  arguments: [{ name: 'folder', about: 'new or empty folder of the building machine' }],
  options: [
    {
      flags: '--holder <name=folder>',
      about: 'a keyholder and the folder of their own medium; asked for when absent',
      repeat: true,
    },
    HOLDER_PASSPHRASE_OPTION,
    {
      flags: '--threshold <number>',
      about: 'keyholders who must sign a change (2 when absent)',
      whole: true,
    },
    {
      flags: '--spare <name=folder>',
      about: 'a second release key on a medium for the safe, for when the first is lost',
    },
    KEYS_PASSPHRASE_OPTION,
    { flags: '--card <file>', about: 'writes a page to print, for the sites and for each keyholder (HTML)' },
    SAME_DISK_OPTION,
  ],
  access: 'none',
  channels: [],
  run: async (call) => {
    const { input, secrets, world, json } = call;
    const isGuided = input.list('holder').length === 0;
    if (isGuided && (json || !world.terminal.canAsk)) {
      throw usageError(
        'Nobody is here to be asked who the keyholders are.',
        'Give --holder NAME=FOLDER for each, or run it on a terminal.',
      );
    }
    const holders = isGuided
      ? await askHolders(call)
      : await readHolders(call, { name: 'holder', flag: '--holder' });
    const threshold =
      input.whole('threshold') ??
      (isGuided ? await askThreshold(call, holders.length) : Math.min(USUAL_THRESHOLD, holders.length));
    const spare = await readSpare(call);
    if (isGuided) call.note('\nThis machine gets a release key and a builder key. They sign each bundle.');
    const passphrase = await readKeysPassphrase(secrets, input.maybe('keysPassphraseFile'), true);
    const { holdCeremony } = await import('../../collect/key-ceremony.ts');
    const ceremony = await holdCeremony({
      dir: resolvePath(world, input.text('folder')),
      passphrase,
      holders,
      threshold,
      ...(spare === undefined ? {} : { spare }),
      now: world.now(),
      allowSameDisk: input.flag('allowSameDisk'),
      ...(world.keyCost === undefined ? {} : { scrypt: world.keyCost }),
    });
    const words = fingerprintWords(ceremony.fingerprint);
    const card = input.maybe('card');
    if (card !== undefined) await writeCard(call, ceremony.dir, resolvePath(world, card));
    const value = { ...ceremony, fingerprintWords: words, card: card ?? null };
    const text = [
      formatTable(
        ceremony.keys,
        [
          { title: 'KEY', cell: (row) => row.name },
          { title: 'FOR', cell: (row) => row.use },
          { title: 'KEY ID', cell: (row) => row.keyId.slice(0, 16) },
          { title: 'FOLDER', cell: (row) => row.folder },
        ],
        'No key.',
      ),
      formatFacts([
        ['To change the root', `${ceremony.threshold} of ${holders.length} keyholders sign`],
        ['Root expires', formatInstant(ceremony.expires)],
        ['Root fingerprint', fingerprintGroups(ceremony.fingerprint)],
        ['In words', words.join(' ')],
      ]),
      'Each key was opened again from its medium. Take the sticks out, and keep them in different places.\n' +
        'Tell the fingerprint to each site by another way than the media.',
    ].join('\n\n');
    return { value, text };
  },
});

async function readSpare({ input, secrets, world }: Call<never>): Promise<HolderInput | undefined> {
  const given = input.maybe('spare');
  if (given === undefined) return undefined;
  const [, name, folder] = /^([^=]+)=(.+)$/.exec(given) ?? [];
  if (name === undefined || folder === undefined)
    throw usageError(`"${given}" does not fit --spare.`, 'Write --spare NAME=FOLDER.');
  const files = new Map(
    input
      .list('holderPassphraseFile')
      .map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]),
  );
  const passphrase = await readHolderPassphrase(secrets, name, files.get(name), true);
  return { name, folder: resolvePath(world, folder), passphrase };
}

/** Writes the card of the keys in a folder. */
export async function writeCard({ world }: Call<never>, dir: string, file: string): Promise<void> {
  const { readKeyStatus } = await import('../../collect/key-status.ts');
  const { writeKeyCard } = await import('../../collect/key-card.ts');
  writeKeyCard(file, readKeyStatus(dir, world.now()), world.now());
}
