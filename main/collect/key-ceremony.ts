import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { rootFingerprint } from '../bundle/trust-root.ts';
import { expiryOf, signRole } from '../core/bundle/compose.ts';
import { signedPlanOf, type KeyUse, type PlannedKey, type RootPlan } from '../core/bundle/root-plan.ts';
import { checkOwnRoot } from '../core/bundle/verify.ts';
import { checkNewHolders, discardHolderKeys, writeHolderKey, type NewHolder } from './key-media.ts';
import { checkPassphrase, makeSealedKey, writeDurably, type OpenKey, type ScryptCost } from './sealed-key.ts';
import { refuseKeysIn } from './signing-keys.ts';

/**
 * The key ceremony: makes the keys of all keyholders, each on a medium of its own, the two keys of the building machine,
 * and the first root, which enough keyholders sign on the spot.
 */

/** How long a key should be used, in days. */
const KEY_DAYS: Readonly<Record<KeyUse, number>> = { root: 5 * 365, release: 2 * 365, builder: 365 };
const DAY_MS = 86_400_000;

export const replaceByOf = (use: KeyUse, now: string): string =>
  new Date(Date.parse(now) + KEY_DAYS[use] * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');

export interface CeremonyOptions {
  /** The builder's folder: new or empty. */
  readonly dir: string;
  /** Seals the release key and the builder key in that folder. */
  readonly passphrase: string;
  readonly holders: readonly NewHolder[];
  /** Keyholders who must sign a root. */
  readonly threshold: number;
  /** A second release key that lies in a safe, for when the first is lost. */
  readonly spare?: NewHolder;
  /** ISO-8601. */
  readonly now: string;
  /** For a laboratory: keys of several holders on one disk. */
  readonly allowSameDisk: boolean;
  /** Cheaper parameters for tests. */
  readonly scrypt?: ScryptCost;
  /** Told before each key is made, with the number of all. What it throws ends the ceremony. */
  readonly onKey?: (whose: string, done: number, total: number) => void;
}

export interface Ceremony {
  readonly dir: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly expires: string;
  readonly threshold: number;
  readonly keys: readonly {
    readonly use: KeyUse;
    readonly name: string;
    readonly keyId: string;
    readonly folder: string;
  }[];
}

/**
 * Holds the ceremony. When it fails half way nothing is left of it, on no medium.
 *
 * @throws CollectError COLLECT_KEY_INVALID, COLLECT_MEDIUM_SHARED
 */
export async function holdCeremony(options: CeremonyOptions): Promise<Ceremony> {
  const { dir, holders, threshold, spare, now, scrypt } = options;
  const media = spare === undefined ? holders : [...holders, spare];
  refuseKeysIn(dir);
  checkThreshold(threshold, holders.length);
  checkPassphrase(options.passphrase, 'the building machine');
  checkNewHolders(media, [dir], options.allowSameDisk);
  try {
    const planned: {
      readonly key: OpenKey;
      readonly use: KeyUse;
      readonly name: string;
      readonly folder: string;
    }[] = [];
    const total = media.length + 2;
    const tell = (whose: string): void => options.onKey?.(whose, planned.length, total);
    for (const holder of holders) {
      tell(holder.name);
      const key = await writeHolderKey(holder, scrypt);
      planned.push({ key, use: 'root', name: holder.name, folder: holder.folder });
    }
    if (spare !== undefined) {
      tell(spare.name);
      const key = await writeHolderKey(spare, scrypt);
      planned.push({ key, use: 'release', name: spare.name, folder: spare.folder });
    }
    tell('this machine');
    const release = await makeSealedKey(options.passphrase, { scrypt });
    const builder = await makeSealedKey(options.passphrase, { scrypt });
    planned.push({ key: release.key, use: 'release', name: 'release key', folder: dir });
    planned.push({ key: builder.key, use: 'builder', name: 'builder key', folder: dir });

    const plan: RootPlan = {
      version: 1,
      expires: expiryOf(now, 'root'),
      threshold,
      keys: planned.map(({ key, use, name }): PlannedKey => ({
        use,
        name,
        publicKey: key.publicKey,
        replaceBy: replaceByOf(use, now),
      })),
      revoked: [],
    };
    // Every keyholder signs: whoever has a copy of the first root then sees that all of them were there.
    const signers = planned.flatMap(({ key, use }) => (use === 'root' ? [key.signer] : []));
    const root = signRole(signedPlanOf(plan, nodeCrypto), signers, nodeCrypto);
    checkOwnRoot(root, '1.root.json', nodeCrypto);
    for (const { folder } of media) writeDurably(join(folder, '1.root.json'), root);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeDurably(join(dir, 'release-key.json'), release.file);
    writeDurably(join(dir, 'builder-key.json'), builder.file);
    writeDurably(join(dir, '1.root.json'), root);
    return {
      dir,
      version: 1,
      fingerprint: rootFingerprint(root),
      expires: plan.expires,
      threshold,
      keys: planned.map(({ key, use, name, folder }) => ({ use, name, keyId: key.signer.keyId, folder })),
    };
  } catch (error) {
    discardHolderKeys(media);
    throw error;
  }
}

/** @throws CollectError COLLECT_KEY_INVALID */
export function checkThreshold(threshold: number, holders: number): void {
  if (holders >= 1 && threshold >= 1 && threshold <= holders && holders <= 16) return;
  throw new CollectError('COLLECT_KEY_INVALID', `${threshold} of ${holders} keyholders can't sign a root.`, {
    hint: 'Usual is 2 of 3: one may be ill, and none can act alone.',
  });
}
