import { ContractError, PolicyError } from '../../../contract/errors.ts';
import type { TrustState } from './trust.ts';

/**
 * Re-anchoring: trust begins anew at a medium that two persons vouch for. It is for a site that was restored from an old
 * backup or lost its database, and for one whose builder did, so that all that the builder signs is a rollback here. It is
 * the only way in which a version that a site knows is lowered.
 */

const ROLES = ['timestamp', 'snapshot', 'targets'] as const;

/** One thing that a site knows and would know no more. */
export interface GivenUp {
  readonly what: 'root' | (typeof ROLES)[number];
  /** Versions. */
  readonly from: number;
  readonly to: number;
}

export interface ReAnchorProposal {
  readonly id: string;
  /** Id of the person. */
  readonly proposedBy: string;
  /** ISO-8601. */
  readonly proposedAt: string;
  /** Of the root that a person compared: SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Digest of the trust that it was made for. */
  readonly trustDigest: string;
  readonly next: TrustState;
}

/** A proposal that nobody confirmed lapses after this. */
export const CONFIRM_WITHIN_DAYS = 7;
const DAY_MS = 86_400_000;

const sameBytes = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);

/** Whether every root that the site knows is in the chain, with the very same bytes. */
function goesOn(trust: TrustState, chain: TrustState['roots']): boolean {
  const byVersion = new Map(chain.map(({ version, bytes }) => [version, bytes]));
  const last = trust.roots.at(-1);
  return last !== undefined && sameBytes(last.bytes, byVersion.get(last.version));
}

/**
 * The trust that a site would have, and what it would give up for it.
 *
 * @param anchor trust as it is once the medium alone has been imported, its root being the one that was compared
 */
export function anchorAt(
  trust: TrustState,
  anchor: TrustState,
): { readonly next: TrustState; readonly givesUp: readonly GivenUp[] } {
  const givesUp: GivenUp[] = [];
  const isSuccessor = goesOn(trust, anchor.roots);
  if (!isSuccessor)
    givesUp.push({
      what: 'root',
      from: trust.roots.at(-1)?.version ?? 0,
      to: anchor.roots.at(-1)?.version ?? 0,
    });
  for (const role of ROLES) {
    const [from, to] = [trust.marks[role]?.version ?? 0, anchor.marks[role]?.version ?? 0];
    if (to < from) givesUp.push({ what: role, from, to });
  }
  const floors = [trust.timeFloor, anchor.timeFloor].filter((time) => time !== null);
  const newest = floors.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
  return {
    next: {
      // The whole chain that the site knows is kept where it goes on.
      roots: isSuccessor
        ? [
            ...trust.roots,
            ...anchor.roots.filter(({ version }) => version > (trust.roots.at(-1)?.version ?? 0)),
          ]
        : anchor.roots,
      marks: anchor.marks,
      // Numbers of streams are never lowered: what a site has imported it has, and the medium itself is still to be imported.
      streams: trust.streams,
      timeFloor: newest,
    },
    givesUp,
  };
}

/**
 * Judges the second person's word.
 *
 * @param trustDigest of the trust as it is now
 * @throws PolicyError POLICY_SAME_PERSON for the person who proposed it, POLICY_APPROVAL_EXPIRED; ContractError
 *   CONTRACT_CONFLICT when the fingerprint is another one, or the trust has moved since
 */
export function confirmReAnchor(
  proposal: ReAnchorProposal,
  confirmation: { readonly by: string; readonly at: string; readonly fingerprint: string },
  trustDigest: string,
): TrustState {
  if (confirmation.by === proposal.proposedBy) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      'Whoever proposes to re-anchor the trust cannot confirm it.',
      {
        hint: 'Another person of this site must compare the fingerprint and confirm.',
      },
    );
  }
  if (Date.parse(confirmation.at) - Date.parse(proposal.proposedAt) > CONFIRM_WITHIN_DAYS * DAY_MS) {
    throw new PolicyError(
      'POLICY_APPROVAL_EXPIRED',
      `The proposal is older than ${CONFIRM_WITHIN_DAYS} days.`,
      {
        hint: 'Propose it again.',
      },
    );
  }
  if (confirmation.fingerprint !== proposal.fingerprint) {
    throw new ContractError(
      'CONTRACT_CONFLICT',
      'The fingerprint is not that of the root that was proposed.',
      {
        hint: 'Get it from the connected side by another way than the medium, each person by themselves.',
      },
    );
  }
  if (trustDigest !== proposal.trustDigest) {
    throw new ContractError('CONTRACT_CONFLICT', 'The trust of this site has moved since it was proposed.', {
      hint: 'See whether it is still needed, and propose it again.',
    });
  }
  return proposal.next;
}
