import { z } from 'zod';
import type { BundleCrypto } from './crypto-port.ts';
import { keyIdOf, signedRootOf, type PublicKey } from './compose.ts';
import type { RootRole } from './metadata.ts';

/**
 * A root as people think of it: keyholders, a key that releases bundles, a key of the building machine. Their names and
 * dates lie in two fields of our own in the root metadata: signed with it, and ignored by every other reader.
 */

export type KeyUse = 'root' | 'release' | 'builder';
const USES = ['root', 'release', 'builder'] as const;

export interface PlannedKey {
  readonly use: KeyUse;
  /** Of the keyholder or machine: `Ann`, `builder`. */
  readonly name: string;
  readonly publicKey: PublicKey;
  /** When it should be replaced, ISO-8601. Advice for people; what verifiers look at is the expiry of the root. */
  readonly replaceBy: string;
}

/** Why a key that counted once does not any more. */
export const REVOCATIONS = ['replaced', 'lost', 'compromised'] as const;
export type Revocation = (typeof REVOCATIONS)[number];

export interface RevokedKey {
  readonly keyid: string;
  readonly use: KeyUse;
  readonly name: string;
  readonly why: Revocation;
  /** ISO-8601. */
  readonly at: string;
}

export interface RootPlan {
  readonly version: number;
  /** ISO-8601. */
  readonly expires: string;
  /** Keyholders who must sign a root. */
  readonly threshold: number;
  readonly keys: readonly PlannedKey[];
  readonly revoked: readonly RevokedKey[];
}

const KEYS_FIELD = 'x-sallyport-keys';
const REVOKED_FIELD = 'x-sallyport-revoked';

const noteSchema = z.looseObject({
  use: z.enum(USES),
  name: z.string().min(1).max(60),
  replaceBy: z.iso.datetime(),
});
const notesSchema = z.record(z.string(), noteSchema);
const revokedSchema = z.array(
  z.looseObject({
    keyid: z.string(),
    use: z.enum(USES),
    name: z.string().max(60),
    why: z.enum(REVOCATIONS),
    at: z.iso.datetime(),
  }),
);

/** What is signed for a plan; TUF's roles, and our two fields. */
export function signedPlanOf(plan: RootPlan, crypto: BundleCrypto): Record<string, unknown> {
  const keysOf = (use: KeyUse): PublicKey[] =>
    plan.keys.filter((key) => key.use === use).map(({ publicKey }) => publicKey);
  const builder = { keys: keysOf('builder'), threshold: 1 };
  const notes = plan.keys.map((key) => [
    keyIdOf(key.publicKey, crypto),
    { use: key.use, name: key.name, replaceBy: key.replaceBy },
  ]);
  return {
    ...signedRootOf(
      {
        version: plan.version,
        expires: plan.expires,
        roles: {
          root: { keys: keysOf('root'), threshold: plan.threshold },
          timestamp: builder,
          snapshot: builder,
          targets: { keys: keysOf('release'), threshold: 1 },
        },
      },
      crypto,
    ),
    [KEYS_FIELD]: Object.fromEntries(notes) as Record<string, unknown>,
    [REVOKED_FIELD]: plan.revoked,
  };
}

/** Reads the plan back from a root that was verified. `null` when it has no such plan: one key that signs everything. */
export function planOf(root: RootRole): RootPlan | null {
  const notes = notesSchema.safeParse(root[KEYS_FIELD]);
  const revoked = revokedSchema.safeParse(root[REVOKED_FIELD]);
  if (!notes.success || !revoked.success) return null;
  const keys = Object.entries(notes.data).flatMap(([keyid, note]): PlannedKey[] => {
    const key = root.keys[keyid];
    if (key?.keytype !== 'ed25519') return [];
    const publicKey = {
      keytype: 'ed25519',
      scheme: 'ed25519',
      keyval: { public: key.keyval.public },
    } as const;
    return [{ use: note.use, name: note.name, replaceBy: note.replaceBy, publicKey }];
  });
  return {
    version: root.version,
    expires: root.expires,
    threshold: root.roles.root.threshold,
    keys: keys.toSorted(byUseAndName),
    revoked: revoked.data,
  };
}

function byUseAndName(a: PlannedKey, b: PlannedKey): number {
  return USES.indexOf(a.use) - USES.indexOf(b.use) || (a.name < b.name ? -1 : 1);
}
