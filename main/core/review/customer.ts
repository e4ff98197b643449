/** For which customers a person speaks, as a service manager of the site put on record. Pure. */
export interface SpeakingSite {
  /** Customers that patch groups belong to. */
  readonly customers: readonly string[];
  /** What was recorded of a person; none: nothing was. */
  customersOf(personId: string): readonly string[];
}

/** Whether a person speaks for a customer ('': a group of which nobody said yet whose it is). */
export type Speaks = (personId: string, customer: string) => boolean;

/**
 * One rule: whoever has customers on record speaks for these and no other; whoever has none speaks for everybody while the site has
 * fewer than two customers, and for nobody from the second on.
 */
export function speaksAt(site: SpeakingSite): Speaks {
  const isShared = new Set(site.customers.filter((name) => name !== '')).size > 1;
  return (personId, customer) => {
    const own = site.customersOf(personId);
    return own.length === 0 ? !isShared : own.includes(customer);
  };
}
