/** For which customers a person speaks, as a service manager of the site put on record. Pure. */
export interface SpeakingSite {
  /** Customers that patch groups belong to. */
  readonly customers: readonly string[];
  /** What was recorded of a person; none: nothing was. */
  customersOf(personId: string): readonly string[];
  /**
   * What was recorded before, where what is recorded now does not count alone: a person speaks only within both. `null`: it does.
   */
  before?(personId: string): readonly string[] | null;
}

/** Whether a person speaks for a customer ('': a group of which nobody said yet whose it is). */
export type Speaks = (personId: string, customer: string) => boolean;

/**
 * One rule: whoever has customers on record speaks for these and no other; whoever has none speaks for everybody while the site has
 * fewer than two customers, and for nobody from the second on.
 */
export function speaksAt(site: SpeakingSite): Speaks {
  const isShared = new Set(site.customers.filter((name) => name !== '')).size > 1;
  const lets = (own: readonly string[], customer: string): boolean =>
    own.length === 0 ? !isShared : own.includes(customer);
  return (personId, customer) => {
    const before = site.before?.(personId) ?? null;
    return lets(site.customersOf(personId), customer) && (before === null || lets(before, customer));
  };
}

/** An entry of the record of one person. */
export interface SpeakerEntry {
  readonly customers: readonly string[];
  readonly by: string;
}

/**
 * What somebody else last recorded, where the newest entry is by whoever asks: they cannot choose who speaks for what they ask.
 * Safety rule 9. `null`: the newest entry counts alone.
 *
 * @param entries oldest first
 */
export function recordedBefore(
  entries: readonly SpeakerEntry[],
  isAsker: (personId: string) => boolean,
): readonly string[] | null {
  const newest = entries.at(-1);
  if (newest === undefined || !isAsker(newest.by)) return null;
  return entries.findLast(({ by }) => !isAsker(by))?.customers ?? [];
}
