import type { KeyStatusView } from '../../../contract/keys.ts';
import { countOf } from '../../format/figures.ts';

type ListedKey = KeyStatusView['keys'][number];
type Why = KeyStatusView['revoked'][number]['why'];
export type Fate = 'stays' | Why;
/** By key id; a key that is not in it stays. */
export type Fates = Readonly<Record<string, Fate>>;

/** Whether a key lies on the building machine: a spare has the name of its keeper. */
export const isOwnKey = ({ use, name }: ListedKey): boolean => use !== 'root' && name === `${use} key`;

/** Keyholders who count no more, and why. */
export function goneHolders(keys: readonly ListedKey[], fates: Fates): { name: string; why: Why }[] {
  return keys.flatMap(({ use, name, keyId }) => {
    const fate = fates[keyId] ?? 'stays';
    return use === 'root' && fate !== 'stays' ? [{ name, why: fate }] : [];
  });
}

/** Keys of the building machine that are made anew, and why. */
export function renewed(
  keys: readonly ListedKey[],
  fates: Fates,
): { use: 'release' | 'builder'; why: Why }[] {
  return keys.flatMap((key) => {
    const fate = fates[key.keyId] ?? 'stays';
    return key.use !== 'root' && isOwnKey(key) && fate !== 'stays' ? [{ use: key.use, why: fate }] : [];
  });
}

/** The threshold that was written; `null` where so many keyholders can't have it. */
export function thresholdAfter(written: string, holders: number): number | null {
  const threshold = Number(written);
  return Number.isInteger(threshold) && threshold >= 1 && threshold <= holders ? threshold : null;
}

/** In sentences what a change does, for whoever is about to begin it. */
export function describeChange(keys: KeyStatusView, fates: Fates, added: number): string {
  const gone = goneHolders(keys.keys, fates);
  const renew = renewed(keys.keys, fates);
  const said = [
    ...gone.map(({ name }) => `The key of ${name} counts no more.`),
    ...renew.map(({ use }) => `This machine gets a new ${use} key.`),
    ...(added === 0 ? [] : [`${countOf(added, 'keyholder')} more can sign changes.`]),
  ];
  return [
    ...(said.length === 0 ? ['Nothing but a later expiry: the root counts for another term.'] : said),
    `${countOf(keys.threshold, 'keyholder')} of root ${keys.version} must sign it before it counts. Sites follow it by themselves with the next bundle.`,
  ].join(' ');
}
