import { LETTERS, PARTIES, type Letter, type Party, type Role } from '../../../contract/vocabulary.ts';
import type { RaciRow } from './matrix.ts';

export interface RaciPerson {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

export interface PartyHolders {
  readonly party: Party;
  readonly holders: readonly { readonly letter: Letter; readonly persons: readonly RaciPerson[] }[];
}

/** Who stands for a letter where nobody is named. */
function rolesFor(party: Party, letter: Letter): readonly Role[] {
  if (party === 'customer') return ['approver'];
  return letter === 'R' ? ['engineer'] : ['service-manager', 'engineer'];
}

/** Persons who hold a letter: those named who are still here, otherwise everybody with the first role that anybody has. */
export function holdersOf(
  item: RaciRow,
  party: Party,
  letter: Letter,
  persons: readonly RaciPerson[],
): RaciPerson[] {
  if (!item[party].includes(letter)) return [];
  const here = persons.filter((person) => person.roles.length > 0);
  const named = here.filter((person) =>
    item.persons.some((one) => one.party === party && one.letter === letter && one.personId === person.id),
  );
  if (named.length > 0) return named;
  for (const role of rolesFor(party, letter)) {
    const found = here.filter((person) => person.roles.includes(role));
    if (found.length > 0) return found;
  }
  return [];
}

/** @param concerns whether it is of a customer for whom this person speaks; asked of the customer's side only */
export function partiesOf(
  item: RaciRow,
  persons: readonly RaciPerson[],
  concerns: (personId: string) => boolean = () => true,
): PartyHolders[] {
  const here = (party: Party): readonly RaciPerson[] =>
    party === 'provider' ? persons : persons.filter(({ id }) => concerns(id));
  return PARTIES.map((party) => ({
    party,
    holders: LETTERS.filter((letter) => item[party].includes(letter)).map((letter) => ({
      letter,
      persons: holdersOf(item, party, letter, here(party)),
    })),
  }));
}
