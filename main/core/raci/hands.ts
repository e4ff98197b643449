/** A person as far as it matters who could be acting as them. */
export interface Handed {
  readonly id: string;
  /** Their own id: they began the site. `null`: not known. */
  readonly addedBy: string | null;
  /** Who chose the passphrase that they sign in with; `null`: not known, or they sign elsewhere. */
  readonly passphraseBy: string | null;
}

/** Whether one hand is known to hold what both persons act with. */
export type SameHand = (a: string, b: string) => boolean;

/** Follows from a person to the next until nobody new comes; unknown ids lead nowhere. */
function follow(id: string, next: (person: Handed) => string | null, persons: ReadonlyMap<string, Handed>) {
  const passed = [id];
  for (let at = persons.get(id); at !== undefined;) {
    const to = next(at);
    if (to === null || passed.includes(to)) break;
    passed.push(to);
    at = persons.get(to);
  }
  return passed;
}

const byId = (persons: readonly Handed[]): ReadonlyMap<string, Handed> =>
  new Map(persons.map((person) => [person.id, person]));

/**
 * A person whose passphrase somebody else chose is that somebody's hand, and so is everybody whom they brought along in the
 * same way, until they choose their own. Safety rule 9: such persons cannot ask and grant between them.
 */
export function handsOf(persons: readonly Handed[]): SameHand {
  const known = byId(persons);
  const handOf = (id: string): string | undefined =>
    follow(id, (person) => person.passphraseBy, known).at(-1);
  return (a, b) => a === b || handOf(a) === handOf(b);
}

/** Who stands behind a person: whoever added them, whoever added those, and so on. Not the person. */
function addersOf(id: string, known: ReadonlyMap<string, Handed>): string[] {
  return follow(id, (person) => person.addedBy, known).slice(1);
}

/**
 * What an approval has to say for ever where the two persons are not strangers to each other: nobody can tell from here
 * whether a person who was added chose their passphrase themself. `null`: nothing.
 */
export function handMark(requestedBy: string, decidedBy: string, persons: readonly Handed[]): string | null {
  const known = byId(persons);
  if (requestedBy === decidedBy) return null;
  const down = addersOf(decidedBy, known).indexOf(requestedBy);
  if (down >= 0) return down === 0 ? 'added by whoever asked' : 'brought in by whoever asked';
  const up = addersOf(requestedBy, known).indexOf(decidedBy);
  if (up >= 0) return up === 0 ? 'added whoever asked' : 'brought in whoever asked';
  return null;
}

/** Whether a person has to choose a passphrase of their own before anything else. */
export const mustChoosePassphrase = (person: Handed & { readonly keyslot: string }): boolean =>
  person.keyslot !== '' && person.passphraseBy !== person.id;
