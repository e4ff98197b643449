import { copyFileSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError, VaultError } from '../../contract/errors.ts';
import type { MyKeyView } from '../../contract/packs.ts';
import { enrolmentText } from '../../contract/vocabulary.ts';
import { fingerprintWords } from '../bundle/fingerprint.ts';
import type { DeskKeyRow } from '../catalogue/desk-store.ts';
import { formatEnrolmentSheet } from '../review/enrolment-sheet.ts';
import { keyFingerprint } from '../review/public-key.ts';
import { writeNewFile } from '../review/review-files.ts';
import {
  createReviewerKey,
  openReviewerKey,
  readSealedKey,
  resealReviewerKey,
  restoreReviewerKey,
  type ReviewerKey,
} from '../review/reviewer-key.ts';
import { slug } from '../review/slug.ts';
import { mustBeAbsolute } from './collect-settings.ts';
import type { Handlers } from './dispatch.ts';
import type { CallContext, Services } from './services.ts';

/** Channels about the key that this customer signs with. The secret stays sealed in a file of the data folder. */
export type DeskKeyChannel =
  | 'myKey.get'
  | 'myKey.create'
  | 'myKey.rotate'
  | 'myKey.import'
  | 'myKey.changePassphrase'
  | 'myKey.export'
  | 'myKey.saveEnrolment';

export const deskKeyHandlers: Pick<Handlers, DeskKeyChannel> = {
  'myKey.get': (_input, { services }) => view(services),
  'myKey.create': async (input, context) => {
    if (currentOf(context.services) !== null) {
      throw new ContractError('CONTRACT_CONFLICT', 'You have a key already.', {
        hint: 'If its passphrase is lost, or it may have been seen by others, replace it by a new one.',
      });
    }
    return make(context, input, null);
  },
  'myKey.rotate': (input, context) => make(context, input, input.reason),
  'myKey.import': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.file);
    const key = await openReviewerKey(input.file, input.passphrase);
    const fingerprint = keyFingerprint(key.publicKey);
    const before = services.desk.listKeys().find((row) => row.fingerprint === fingerprint);
    if (before !== undefined && before.retiredAt !== null) {
      throw new ContractError('CONTRACT_CONFLICT', 'This key was here before, and was replaced.', {
        hint: 'A key that was retired signs nothing any more. Make a new one.',
        subject: { key: fingerprint },
      });
    }
    if (before !== undefined) {
      // A backup copy of the key that signs now: its file may be lost or damaged, or the newer passphrase forgotten.
      context.commit({ key: fingerprint }, () =>
        restoreReviewerKey(input.file, join(services.dataDir, before.file)),
      );
      services.publish({ kind: 'changed', area: 'desk', id: null });
      return view(services);
    }
    const file = newKeyFile(services);
    copyFileSync(input.file, join(services.dataDir, file), constants.COPYFILE_EXCL);
    return keep(context, { name: key.name, publicKey: key.publicKey, file }, 'another key was brought in');
  },
  'myKey.changePassphrase': async (input, context) => {
    const { services } = context;
    const row = requireCurrent(services);
    const file = join(services.dataDir, row.file);
    await resealReviewerKey(file, input.passphrase, input.newPassphrase, services.kdfCost);
    context.commit({ key: row.fingerprint }, () => undefined);
    return view(services);
  },
  'myKey.export': (input, context) => {
    const { services } = context;
    const row = requireCurrent(services);
    const content = readSealedKey(join(services.dataDir, row.file));
    return save(context, row, placeOf(input.file, row, 'sallyport-key.json'), content);
  },
  'myKey.saveEnrolment': (input, context) => {
    const row = requireCurrent(context.services);
    const { name, publicKey } = row;
    const file = placeOf(input.file, row, 'sallyport-enrol.txt');
    const content = file.toLowerCase().endsWith('.html')
      ? formatEnrolmentSheet({ name, publicKey, marking: input.marking })
      : `${enrolmentText(publicKey, name)}\n`;
    return save(context, row, file, content);
  },
};

function requireCurrent(services: Services): DeskKeyRow {
  const row = currentOf(services);
  if (row !== null) return row;
  throw new VaultError('VAULT_SECRET_MISSING', 'You have no key yet.', { hint: 'Make one under My key.' });
}

/** In a folder the file gets a name of ours. */
function placeOf(path: string, row: DeskKeyRow, ending: string): string {
  mustBeAbsolute(path);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(path, `${slug(row.name) || 'key'}-${row.fingerprint.slice(0, 8)}.${ending}`) : path;
}

/** @throws ContractError CONTRACT_CONFLICT: nothing is overwritten */
function save(context: CallContext, row: DeskKeyRow, file: string, content: string): { file: string } {
  writeNewFile(file, content);
  context.commit({ key: row.fingerprint, file }, () => undefined);
  return { file };
}

async function make(
  context: CallContext,
  input: { readonly name: string; readonly passphrase: string },
  reason: string | null,
): Promise<MyKeyView> {
  const { services } = context;
  const file = newKeyFile(services);
  const made = await createReviewerKey(
    join(services.dataDir, file),
    input.name,
    input.passphrase,
    services.kdfCost,
  );
  return keep(context, { ...made, file }, reason ?? '');
}

const newKeyFile = (services: Services): string => `reviewer-key-${services.newId()}.json`;

/** From now on this key signs; the one before is retired and stays. */
function keep(
  context: CallContext,
  made: { readonly name: string; readonly publicKey: string; readonly file: string },
  reason: string,
): MyKeyView {
  const { services } = context;
  const before = currentOf(services);
  const fingerprint = keyFingerprint(made.publicKey);
  context.commit({ key: fingerprint, before: before?.fingerprint ?? 'none', reason }, () => {
    if (before !== null) services.desk.retireKey(before.fingerprint, services.now(), reason);
    services.desk.insertKey({ fingerprint, ...made, madeAt: services.now() });
  });
  services.publish({ kind: 'changed', area: 'desk', id: null });
  return view(services);
}

/** The key that signs now. */
export const currentOf = ({ desk }: Services): DeskKeyRow | null =>
  desk.listKeys().find((row) => row.retiredAt === null) ?? null;

/** @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_DAMAGED, VAULT_SECRET_MISSING */
export async function openCurrentKey(
  services: Services,
  passphrase: string,
): Promise<ReviewerKey & { readonly fingerprint: string }> {
  const row = currentOf(services);
  if (row === null) {
    throw new VaultError('VAULT_SECRET_MISSING', 'You have no key to sign with yet.', {
      hint: 'Make one under My key, and have the site enrol it.',
    });
  }
  const key = await openReviewerKey(join(services.dataDir, row.file), passphrase);
  // The file could have been exchanged for another key: what was enrolled at the site is what signs.
  if (keyFingerprint(key.publicKey) !== row.fingerprint) {
    throw new VaultError('VAULT_DAMAGED', 'The file of your key holds another key.', {
      hint: 'Bring it back from a backup, or make a new key and have that enrolled.',
      subject: { key: row.fingerprint },
    });
  }
  return { ...key, fingerprint: row.fingerprint };
}

function view(services: Services): MyKeyView {
  const present = (row: DeskKeyRow) => ({
    ...{ fingerprint: row.fingerprint, words: fingerprintWords(row.fingerprint), publicKey: row.publicKey },
    ...{ name: row.name, madeAt: row.madeAt, retiredAt: row.retiredAt, retiredBecause: row.reason },
  });
  const current = currentOf(services);
  return {
    current: current === null ? null : present(current),
    retired: services.desk
      .listKeys()
      .filter((row) => row.retiredAt !== null)
      .map(present),
  };
}
