import type { SameHand } from '../raci/hands.ts';
import type { Role } from '../../../contract/vocabulary.ts';
import type { Speaks } from './customer.ts';
import { rightOf, voicesOf, type KeptDelegation } from './delegation.ts';

/** What is known of whoever could answer what somebody asks. */
export interface Answering {
  /** ISO-8601; never before the site's time floor. */
  readonly now: string;
  readonly requestedBy: string;
  /** Whose endpoints it is about. */
  readonly customers: readonly string[];
  readonly sameHand: SameHand;
  readonly speaksFor: Speaks;
  readonly delegations: readonly KeptDelegation[];
}

/** Why a word of this person could not count; the same rules as when it comes in. */
export type Bar = 'asked' | 'no-right' | 'other-customer';

export function barTo(
  person: { readonly id: string; readonly roles: readonly Role[] },
  site: Answering,
): Bar | null {
  const { now, requestedBy, customers, sameHand, speaksFor, delegations } = site;
  const speaks = (id: string): boolean => customers.every((customer) => speaksFor(id, customer));
  if (sameHand(person.id, requestedBy)) return 'asked';
  const voices = voicesOf(
    [person.id, requestedBy].map((personId) => ({ personId, at: now })),
    delegations,
  );
  if (voices.get(person.id) === voices.get(requestedBy)) return 'asked';
  if (!person.roles.includes('approver')) {
    const right = rightOf(
      person.id,
      now,
      delegations.filter((item) => speaks(item.fromPerson)),
    );
    if (typeof right === 'string') return 'no-right';
    if (sameHand(right.fromPerson, requestedBy) || sameHand(right.delegatorEnrolledBy, requestedBy))
      return 'asked';
  }
  return speaks(person.id) ? null : 'other-customer';
}
