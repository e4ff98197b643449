import { fingerprintWords } from '../bundle/fingerprint.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { keyIdOf } from '../core/bundle/compose.ts';
import { holdCeremony, type Ceremony, type CeremonyOptions } from './key-ceremony.ts';
import { rehearse, type Rehearsal } from './key-media.ts';
import { readKeyStatus, type KeyStatus } from './key-status.ts';
import {
  acceptDraft,
  draftRoot,
  dropDraft,
  planOfDraft,
  signDraft,
  type DraftState,
  type RootChange,
} from './root-draft.ts';
import type { ScryptCost } from './sealed-key.ts';
import { readRootChain } from './signing-keys.ts';

/** What the Collect workspace can do with keys: the same as `sallyport keys ...`. Keeps nothing, no passphrase least of all. */
export class KeyDesk {
  readonly #cost: { readonly scrypt?: ScryptCost };

  /** @param cost cheaper parameters for tests */
  constructor(cost?: ScryptCost) {
    this.#cost = cost === undefined ? {} : { scrypt: cost };
  }

  /** @throws CollectError COLLECT_KEY_INVALID */
  status(dir: string, now: string): KeyStatus & { readonly fingerprintWords: readonly string[] } {
    const status = readKeyStatus(dir, now);
    return { ...status, fingerprintWords: fingerprintWords(status.fingerprint) };
  }

  /** @throws CollectError COLLECT_KEY_INVALID, COLLECT_MEDIUM_SHARED */
  holdCeremony(options: CeremonyOptions): Promise<Ceremony> {
    return holdCeremony({ ...options, ...this.#cost });
  }

  /**
   * @param dir folder of the building machine, `null` for none: the root on the medium is taken then
   * @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG
   */
  rehearse(medium: string, passphrase: string, dir: string | null): Promise<Rehearsal> {
    return rehearse(medium, passphrase, dir === null ? null : readRootChain(dir).newest);
  }

  /** @throws CollectError COLLECT_KEY_INVALID, COLLECT_MEDIUM_SHARED, COLLECT_KEY_PASSPHRASE_WRONG */
  draft(options: {
    readonly dir: string;
    readonly change: RootChange;
    readonly passphrase?: string;
    readonly now: string;
    readonly allowSameDisk: boolean;
  }): Promise<DraftState> {
    return draftRoot({ ...options, ...this.#cost });
  }

  /** What a draft says; `null` where it names no keyholders. @throws CollectError COLLECT_KEY_INVALID */
  readDraft(file: string): {
    readonly version: number;
    readonly threshold: number;
    readonly keys: Omit<KeyStatus['keys'][number], 'daysLeft'>[];
    readonly revoked: KeyStatus['revoked'];
  } {
    const { version, plan } = planOfDraft(file);
    const keys = (plan?.keys ?? []).map(({ use, name, publicKey, replaceBy }) => ({
      use,
      name,
      keyId: keyIdOf(publicKey, nodeCrypto),
      replaceBy,
    }));
    return { version, threshold: plan?.threshold ?? 1, keys, revoked: plan?.revoked ?? [] };
  }

  /** @throws CollectError COLLECT_KEY_INVALID, COLLECT_KEY_PASSPHRASE_WRONG */
  sign(
    file: string,
    medium: string,
    passphrase: string,
  ): Promise<{ readonly holder: string | null; readonly version: number }> {
    return signDraft({ file, folder: medium, passphrase });
  }

  /** @throws CollectError COLLECT_KEY_INVALID */
  accept(dir: string, files: readonly string[]): DraftState {
    return acceptDraft(dir, files);
  }

  /** @throws CollectError COLLECT_KEY_INVALID */
  drop(dir: string): void {
    dropDraft(dir);
  }
}
