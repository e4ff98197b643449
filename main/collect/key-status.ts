import { nodeCrypto } from '../bundle/node-crypto.ts';
import { rootFingerprint } from '../bundle/trust-root.ts';
import { keyIdOf } from '../core/bundle/compose.ts';
import { planOf, type KeyUse, type RevokedKey } from '../core/bundle/root-plan.ts';
import { draftState, findDraft, type DraftState } from './root-draft.ts';
import { readRootChain } from './signing-keys.ts';

/** How the keys stand, in words: what a person must do next about them, if anything. */

export interface KeyStatus {
  readonly version: number;
  /** Of the first root: what sites compare before they pin. */
  readonly fingerprint: string;
  readonly expires: string;
  readonly threshold: number;
  readonly keys: readonly {
    readonly use: KeyUse;
    readonly name: string;
    readonly keyId: string;
    readonly replaceBy: string;
    readonly daysLeft: number;
  }[];
  readonly revoked: readonly RevokedKey[];
  readonly draft: DraftState | null;
  /** Sentences, the most pressing first. */
  readonly words: readonly string[];
}

const DAY_MS = 86_400_000;
/** From when on a date is worth a sentence. */
const WARN_DAYS = 90;

/**
 * @param now ISO-8601
 * @throws CollectError COLLECT_KEY_INVALID
 */
export function readKeyStatus(dir: string, now: string): KeyStatus {
  const { roots, newest } = readRootChain(dir);
  const plan = planOf(newest);
  const daysTo = (at: string): number => Math.floor((Date.parse(at) - Date.parse(now)) / DAY_MS);
  const keys = (plan?.keys ?? []).map((key) => ({
    use: key.use,
    name: key.name,
    keyId: keyIdOf(key.publicKey, nodeCrypto),
    replaceBy: key.replaceBy,
    daysLeft: daysTo(key.replaceBy),
  }));
  const draftFile = findDraft(dir);
  const draft = draftFile === null ? null : draftState(dir, draftFile);
  const holders = keys.filter(({ use }) => use === 'root');
  const { threshold } = newest.roles.root;
  return {
    version: newest.version,
    fingerprint: rootFingerprint(roots.get(1) ?? new Uint8Array()),
    expires: newest.expires,
    threshold,
    keys,
    revoked: plan?.revoked ?? [],
    draft,
    words: [
      ...(plan === null
        ? [
            'One key signs everything. Whoever has it can do everything; sites can’t be rescued when it is stolen.',
          ]
        : [`${threshold} of ${holders.length} keyholders are needed to change the root.`]),
      ...(plan !== null && threshold === holders.length
        ? ['Every keyholder is needed: if one key is lost, the root can never be changed. Add a keyholder.']
        : []),
      ...dueIn(`Root ${newest.version}`, daysTo(newest.expires), 'sites refuse new bundles', 'expires'),
      ...keys
        .toSorted((a, b) => a.daysLeft - b.daysLeft)
        .flatMap(({ use, name, daysLeft }) =>
          dueIn(
            use === 'root' ? `The key of ${name}` : `The ${name}`,
            daysLeft,
            'replace it',
            'is due for replacement',
          ),
        ),
      ...(draft === null ? [] : [draftWords(draft)]),
    ],
  };
}

function dueIn(what: string, days: number, then: string, happens: string): string[] {
  if (days >= WARN_DAYS) return [];
  return [
    days < 0
      ? `${what} ${happens.replace(/^expires$/, 'has expired')} since ${-days} days: ${then}.`
      : `${what} ${happens} in ${days} days.`,
  ];
}

/** Who must still sign a draft. */
export function draftWords({ version, missing, couldSign, isComplete }: DraftState): string {
  if (isComplete) return `Root ${version} has all signatures it needs.`;
  const more = Math.max(missing.old, missing.new);
  return `Root ${version} waits for ${more} more ${more === 1 ? 'signature' : 'signatures'}: ${couldSign.join(', ')} can sign.`;
}
