import { existsSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import type { RootRole } from '../core/bundle/metadata.ts';
import { checkSignatures, parseEnvelope } from '../core/bundle/metadata.ts';
import {
  checkPassphrase,
  makeSealedKey,
  openSealedKey,
  writeDurably,
  type OpenKey,
  type ScryptCost,
} from './sealed-key.ts';

/** The media of keyholders: a folder each, on a stick of its own, with one sealed key. */

const HOLDER_KEY_FILE = 'root-key.json';
export const holderKeyPath = (folder: string): string => join(folder, HOLDER_KEY_FILE);

/** Who gets a new key, and where to. */
export interface NewHolder {
  readonly name: string;
  /** Of the medium; must exist, for a stick that isn't there must not become a folder on this disk. */
  readonly folder: string;
  readonly passphrase: string;
}

/**
 * Checks what is to be written before anything is: names, passphrases, and that each key gets a medium of its own.
 *
 * @param others folders that are no medium of a keyholder: the builder's own
 * @throws CollectError COLLECT_KEY_INVALID, COLLECT_MEDIUM_SHARED
 */
export function checkNewHolders(
  holders: readonly NewHolder[],
  others: readonly string[],
  allowSameDisk: boolean,
): void {
  const names = new Set<string>();
  for (const { name, folder, passphrase } of holders) {
    if (!/^[\p{L}\p{N}][\p{L}\p{N} ._'-]{0,59}$/u.test(name)) {
      throw new CollectError('COLLECT_KEY_INVALID', `"${name}" is no name for a keyholder.`, {
        hint: 'Use letters, digits, blanks and up to 60 of them.',
      });
    }
    if (names.has(name)) {
      throw new CollectError('COLLECT_KEY_INVALID', `Two keyholders are called ${name}.`, {
        hint: 'Each keyholder is one person with one medium.',
      });
    }
    names.add(name);
    checkPassphrase(passphrase, name);
    if (!existsSync(folder)) {
      throw new CollectError('COLLECT_KEY_INVALID', `${folder} is not there.`, {
        hint: `Insert the medium of ${name} first, and name its folder.`,
      });
    }
    if (existsSync(holderKeyPath(folder))) {
      throw new CollectError('COLLECT_KEY_INVALID', `${folder} already has a key.`, {
        hint: 'A key is never overwritten. Take another medium.',
      });
    }
  }
  const places = [...holders.map(({ folder }) => folder), ...others];
  const seen = new Map<string, string>();
  for (const place of places) {
    const id = allowSameDisk ? realpathSync(nearest(place)) : String(statSync(nearest(place)).dev);
    const other = seen.get(id);
    if (other !== undefined && !(allowSameDisk && !existsSync(place))) {
      throw new CollectError('COLLECT_MEDIUM_SHARED', `${place} lies on the same medium as ${other}.`, {
        hint: 'Whoever finds one medium must not find two keys: give each keyholder a stick of their own.',
      });
    }
    seen.set(id, place);
  }
}

const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

/** Makes a keyholder's key on their medium and opens it again from there, as proof that it can be. */
export async function writeHolderKey(holder: NewHolder, scrypt: ScryptCost | undefined): Promise<OpenKey> {
  const { file } = await makeSealedKey(holder.passphrase, { holder: holder.name, scrypt });
  const path = holderKeyPath(holder.folder);
  writeDurably(path, file);
  return openSealedKey(path, holder.passphrase);
}

/** Takes back what an attempt that failed has written. */
export function discardHolderKeys(holders: readonly Pick<NewHolder, 'folder'>[]): void {
  for (const { folder } of holders) rmSync(holderKeyPath(folder), { force: true });
}

/** What a rehearsal showed. */
export interface Rehearsal {
  readonly keyId: string;
  readonly holder: string | null;
  /** Whether the newest root that was at hand names the key as a keyholder's; `null` when none was. */
  readonly counts: boolean | null;
  readonly rootVersion: number | null;
}

/**
 * Opens a keyholder's key and signs with it, as on the day when it is needed. Changes nothing.
 *
 * @param root newest root at hand, as `null` for none
 * @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG
 */
export async function rehearse(
  folder: string,
  passphrase: string,
  root: RootRole | null,
): Promise<Rehearsal> {
  const key = await openSealedKey(holderKeyPath(folder), passphrase);
  const message = nodeCrypto.encodeUtf8(`sallyport rehearsal ${key.signer.keyId}`);
  if (!nodeCrypto.verifySignature(key.publicKey, message, key.signer.sign(message))) {
    throw new CollectError(
      'COLLECT_KEY_INVALID',
      `The key in ${folder} signs, but its signature does not hold.`,
      {
        hint: 'The file is damaged. Replace this key while the other keyholders can.',
      },
    );
  }
  return {
    keyId: key.signer.keyId,
    holder: key.holder,
    counts: root === null ? null : root.roles.root.keyids.includes(key.signer.keyId),
    rootVersion: root?.version ?? null,
  };
}

/** A root file on a keyholder's medium or anywhere else, signed by enough of its own keys; `null` when there is none. */
export function readRootAt(path: string): RootRole | null {
  if (!existsSync(path)) return null;
  const envelope = parseEnvelope('root', path, readFileSync(path), nodeCrypto);
  checkSignatures(envelope, envelope.signed, nodeCrypto);
  return envelope.signed;
}
