import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canonicalize } from '@tufjs/canonical-json';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { expiryOf, keyIdOf, signRole } from '../core/bundle/compose.ts';
import {
  goodSigners,
  METADATA_LIMITS,
  parseEnvelope,
  type Envelope,
  type RootRole,
} from '../core/bundle/metadata.ts';
import {
  planOf,
  signedPlanOf,
  type KeyUse,
  type PlannedKey,
  type Revocation,
  type RevokedKey,
  type RootPlan,
} from '../core/bundle/root-plan.ts';
import { followRoot } from '../core/bundle/workflow.ts';
import { checkThreshold, replaceByOf } from './key-ceremony.ts';
import {
  checkNewHolders,
  discardHolderKeys,
  holderKeyPath,
  writeHolderKey,
  type NewHolder,
} from './key-media.ts';
import {
  checkPassphrase,
  makeSealedKey,
  openSealedKey,
  writeDurably,
  type ScryptCost,
} from './sealed-key.ts';
import { openSigningKeys, readRootChain } from './signing-keys.ts';

/**
 * The next root, from its draft to its place in the chain. Keyholders sign it one after another, at different times and
 * places, on copies of the draft; it takes effect when enough of the old and of the new keyholders have.
 */

export interface RootChange {
  readonly addHolders: readonly NewHolder[];
  /** Names of keyholders whose keys shall count no more, and why. */
  readonly removeHolders: readonly { readonly name: string; readonly why: Revocation }[];
  readonly threshold?: number;
  /** Keys of the building machine to make anew, and why the old ones go. */
  readonly renew: readonly { readonly use: 'release' | 'builder'; readonly why: Revocation }[];
}

/** How far the signing of a draft has come. */
export interface DraftState {
  readonly file: string;
  readonly version: number;
  readonly signedBy: readonly string[];
  /** Signatures still wanted, of the keyholders of the root before and of this one. */
  readonly missing: { readonly old: number; readonly new: number };
  /** Names of those who have not signed and whose signature would help. */
  readonly couldSign: readonly string[];
  readonly isComplete: boolean;
}

const noPlan = (dir: string): CollectError =>
  new CollectError(
    'COLLECT_KEY_INVALID',
    `The root in ${dir} has one key for everything: there are no keyholders.`,
    {
      hint: 'Hold a ceremony for a new root (`sallyport keys ceremony`) and have sites pin that one.',
    },
  );

/**
 * Writes the draft of the next root to the builder's folder, signed by the new keyholders, whose keys are made here.
 *
 * @throws CollectError COLLECT_KEY_INVALID, COLLECT_MEDIUM_SHARED
 */
export async function draftRoot(options: {
  readonly dir: string;
  readonly change: RootChange;
  /** Seals new keys of the building machine. */
  readonly passphrase?: string;
  readonly now: string;
  readonly allowSameDisk: boolean;
  readonly scrypt?: ScryptCost;
}): Promise<DraftState> {
  const { dir, change, now, scrypt } = options;
  const { newest } = readRootChain(dir);
  const old = planOf(newest);
  if (old === null) throw noPlan(dir);
  const version = old.version + 1;
  const file = draftPath(dir, version);
  if (existsSync(file)) {
    throw new CollectError('COLLECT_KEY_INVALID', `${file} is being signed already.`, {
      hint: 'Finish it with `sallyport keys accept-root`, or delete the file to begin again.',
    });
  }
  checkNewHolders(change.addHolders, [dir], options.allowSameDisk);
  if (change.renew.length > 0) {
    checkPassphrase(options.passphrase ?? '', 'the building machine');
    // One passphrase opens the folder: a key that stays must open with that of the new one.
    if (new Set(change.renew.map(({ use }) => use)).size < 2)
      await openSigningKeys(dir, options.passphrase ?? '');
  }
  const { keys, revoked } = leave(old, change, now);
  const holders = keys.filter(({ use }) => use === 'root').length + change.addHolders.length;
  const threshold = change.threshold ?? old.threshold;
  checkThreshold(threshold, holders);
  const added: PlannedKey[] = [];
  const signers = [];
  const plan = (use: KeyUse, name: string, publicKey: PlannedKey['publicKey']): void => {
    added.push({ use, name, publicKey, replaceBy: replaceByOf(use, now) });
  };
  try {
    for (const holder of change.addHolders) {
      if (keys.some(({ use, name }) => use === 'root' && name === holder.name)) {
        throw new CollectError('COLLECT_KEY_INVALID', `${holder.name} is a keyholder already.`, {
          hint: 'To give somebody a new key, remove the old one in the same change, or use another name.',
        });
      }
      const key = await writeHolderKey(holder, scrypt);
      plan('root', holder.name, key.publicKey);
      signers.push(key.signer);
    }
    for (const { use } of change.renew) {
      const made = await makeSealedKey(options.passphrase ?? '', { scrypt });
      writeDurably(join(dir, `${use}-key-${version}.json`), made.file);
      plan(use, `${use} key`, made.key.publicKey);
    }
    const next: RootPlan = {
      version,
      expires: expiryOf(now, 'root'),
      threshold,
      keys: [...keys, ...added],
      revoked,
    };
    writeDurably(file, signRole(signedPlanOf(next, nodeCrypto), signers, nodeCrypto));
  } catch (error) {
    discardHolderKeys(change.addHolders);
    throw error;
  }
  return draftState(dir, file);
}

/** What stays of a plan, and what is put down as revoked. */
function leave(
  old: RootPlan,
  change: RootChange,
  now: string,
): { readonly keys: readonly PlannedKey[]; readonly revoked: readonly RevokedKey[] } {
  for (const { name } of change.removeHolders) {
    if (old.keys.some((key) => key.use === 'root' && key.name === name)) continue;
    throw new CollectError('COLLECT_KEY_INVALID', `There is no keyholder ${name}.`, {
      hint: `The keyholders are ${old.keys.flatMap((key) => (key.use === 'root' ? [key.name] : [])).join(', ')}.`,
    });
  }
  const whyGone = (key: PlannedKey): Revocation | undefined =>
    key.use === 'root'
      ? change.removeHolders.find(({ name }) => name === key.name)?.why
      : // A spare release key has its keeper's name and stays.
        change.renew.find(({ use }) => use === key.use && key.name === `${use} key`)?.why;
  const gone = old.keys.flatMap((key): RevokedKey[] => {
    const why = whyGone(key);
    if (why === undefined) return [];
    return [{ keyid: keyIdOf(key.publicKey, nodeCrypto), use: key.use, name: key.name, why, at: now }];
  });
  return {
    keys: old.keys.filter((key) => whyGone(key) === undefined),
    revoked: [...old.revoked, ...gone],
  };
}

const draftPath = (dir: string, version: number): string => join(dir, `${version}.root.draft.json`);

/** The draft that lies in the builder's folder, if one does. */
export function findDraft(dir: string): string | null {
  const name = readdirSync(dir).find((entry) => /^[1-9]\d{0,8}\.root\.draft\.json$/.test(entry));
  return name === undefined ? null : join(dir, name);
}

/** Takes the draft away; the root that is in force stays. @throws CollectError COLLECT_KEY_INVALID when there is none */
export function dropDraft(dir: string): void {
  const file = findDraft(dir);
  if (file === null) throw new CollectError('COLLECT_KEY_INVALID', `${dir} has no draft of a root.`);
  rmSync(file);
}

/**
 * A keyholder signs a draft, wherever its copy is: one who counts from now on, or one who leaves and hands over.
 *
 * @throws CollectError COLLECT_KEY_INVALID when the key has no part in this root, COLLECT_KEY_PASSPHRASE_WRONG
 */
export async function signDraft(options: {
  readonly file: string;
  readonly folder: string;
  readonly passphrase: string;
}): Promise<{ readonly keyId: string; readonly holder: string | null; readonly version: number }> {
  const draft = readDraft(options.file);
  const key = await openSealedKey(holderKeyPath(options.folder), options.passphrase);
  const { signer } = key;
  const isNew = draft.signed.roles.root.keyids.includes(signer.keyId);
  const isLeaving = planOf(draft.signed)?.revoked.some(({ keyid }) => keyid === signer.keyId) === true;
  if (!isNew && !isLeaving) {
    throw new CollectError(
      'COLLECT_KEY_INVALID',
      `The key in ${options.folder} has no part in root ${draft.signed.version}.`,
      {
        hint: 'Is it the right medium, and the right draft?',
      },
    );
  }
  const signatures = [
    ...draft.signatures.filter(({ keyid }) => keyid !== signer.keyId),
    { keyid: signer.keyId, sig: signer.sign(draft.message) },
  ];
  writeDraft(options.file, draft, signatures);
  return { keyId: signer.keyId, holder: key.holder, version: draft.signed.version };
}

/**
 * Takes signed copies of the draft together, and puts the root into the chain when enough have signed.
 *
 * @param files copies that came back; that in the builder's folder counts too
 * @throws CollectError COLLECT_KEY_INVALID when a copy is another draft
 */
export function acceptDraft(dir: string, files: readonly string[]): DraftState {
  const ours = findDraft(dir) ?? files[0];
  if (ours === undefined) {
    throw new CollectError('COLLECT_KEY_INVALID', `${dir} has no draft of a root.`, {
      hint: 'Begin one with `sallyport keys rotate` or `keys revoke`.',
    });
  }
  const draft = readDraft(ours);
  const signatures = new Map<string, { readonly keyid: string; readonly sig: string }>();
  for (const file of new Set([ours, ...files])) {
    const copy = readDraft(file);
    if (canonicalize(copy.signed) !== canonicalize(draft.signed)) {
      throw new CollectError('COLLECT_KEY_INVALID', `${file} is another draft than ${ours}.`, {
        hint: 'Was it changed on the way, or is it of another time? Do not use it.',
      });
    }
    for (const signature of copy.signatures) signatures.set(signature.keyid, signature);
  }
  const file = draftPath(dir, draft.signed.version);
  writeDraft(file, draft, [...signatures.values()]);
  const state = draftState(dir, file);
  if (!state.isComplete) return state;
  const { newest } = readRootChain(dir);
  const bytes = readFileSync(file);
  const { signed } = followRoot(newest, basename(file), bytes, nodeCrypto);
  const target = join(dir, `${signed.version}.root.json`);
  writeDurably(target, bytes);
  rmSync(file);
  return { ...state, file: target };
}

/** How far a draft has come, judged against the newest root in the folder. */
export function draftState(dir: string, file: string): DraftState {
  const { newest } = readRootChain(dir);
  const draft = readDraft(file);
  const stillMissing = (root: RootRole): number =>
    Math.max(0, root.roles.root.threshold - goodSigners(draft, root, nodeCrypto).length);
  const missing = { old: stillMissing(newest), new: stillMissing(draft.signed) };
  const signed = new Set([newest, draft.signed].flatMap((root) => goodSigners(draft, root, nodeCrypto)));
  const names = (root: RootRole): string[] =>
    (planOf(root)?.keys ?? []).flatMap((key) =>
      key.use === 'root' && !signed.has(key.publicKey.keyval.public) ? [key.name] : [],
    );
  const nameOf = new Map(
    [newest, draft.signed].flatMap((root) =>
      (planOf(root)?.keys ?? []).map((key) => [key.publicKey.keyval.public, key.name] as const),
    ),
  );
  return {
    file,
    version: draft.signed.version,
    signedBy: [...signed].map((key) => nameOf.get(key) ?? key).sort(),
    missing,
    couldSign: [
      ...new Set([
        ...(missing.old > 0 ? names(newest) : []),
        ...(missing.new > 0 ? names(draft.signed) : []),
      ]),
    ].sort(),
    isComplete: missing.old === 0 && missing.new === 0,
  };
}

/** @throws CollectError COLLECT_KEY_INVALID, BundleError BUNDLE_METADATA_INVALID */
function readDraft(file: string): Envelope<'root'> {
  if (!existsSync(file) || statSync(file).size > METADATA_LIMITS.root) {
    throw new CollectError('COLLECT_KEY_INVALID', `${file} is no draft of a root.`, {
      hint: 'Name the file that `sallyport keys rotate` wrote, or a copy of it.',
    });
  }
  return parseEnvelope('root', file, readFileSync(file), nodeCrypto);
}

/** The plan of a draft, for the keyholder who is about to sign it. */
export function planOfDraft(file: string): { readonly version: number; readonly plan: RootPlan | null } {
  const { signed } = readDraft(file);
  return { version: signed.version, plan: planOf(signed) };
}

function writeDraft(file: string, draft: Envelope<'root'>, signatures: Envelope<'root'>['signatures']): void {
  const sorted = signatures.toSorted((a, b) => (a.keyid < b.keyid ? -1 : 1));
  writeDurably(file, `${JSON.stringify({ signatures: sorted, signed: draft.signed }, null, 1)}\n`);
}
