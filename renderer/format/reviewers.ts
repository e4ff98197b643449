import type { ComparedWay, ReviewKeyView } from '../../contract/reviewers.ts';
import { formatDay } from './dates.ts';
import type { Tone } from './words.ts';

/** What is said of the keys that customers sign decisions with. */

export const COMPARED_WORDS: Readonly<
  Record<ComparedWay, { readonly choice: string; readonly said: string }>
> = {
  'in-person': { choice: 'In person', said: 'with the person, who was here' },
  letter: { choice: 'By a signed letter', said: 'by a signed letter' },
  telephone: { choice: 'By telephone', said: 'by telephone' },
};

export const KEY_STATES: Readonly<
  Record<ReviewKeyView['state'], { readonly word: string; readonly tone: Tone }>
> = {
  counts: { word: 'Enrolled', tone: 'good' },
  expired: { word: 'Expired', tone: 'warn' },
  revoked: { word: 'Revoked', tone: 'quiet' },
};

/** Those that count first, then by age. */
export function sortKeys(keys: readonly ReviewKeyView[]): readonly ReviewKeyView[] {
  const order: readonly ReviewKeyView['state'][] = ['counts', 'expired', 'revoked'];
  return keys.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

export function sayValidity(key: Pick<ReviewKeyView, 'validUntil' | 'revokedAt'>): string {
  if (key.revokedAt !== null) return `Until ${formatDay(key.revokedAt)}`;
  return key.validUntil === null ? 'Until it is revoked' : `Until ${formatDay(key.validUntil)}`;
}

export function sayCustomers(customers: readonly string[]): string {
  return customers.length === 0 ? 'Nobody on record' : customers.join(', ');
}
