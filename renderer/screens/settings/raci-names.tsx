import { useState } from 'react';
import type { RaciRow } from '../../../contract/raci.ts';
import type { Person } from '../../../contract/site.ts';
import type { Letter, Party } from '../../../contract/vocabulary.ts';
import { CheckboxField } from '../../components/fields.tsx';
import { LETTER_ORDER, LETTER_WORDS, PARTY_WORDS } from '../../format/raci.ts';

type NamedPersons = RaciRow['persons'];

const isOf = (party: Party, letter: Letter) => (item: NamedPersons[number]) =>
  item.party === party && item.letter === letter;

/** Names of who is meant for a letter, in the order in which they were given. */
export const namesOf = (
  named: NamedPersons,
  party: Party,
  letter: Letter,
  persons: readonly Person[],
): string[] =>
  named
    .filter(isOf(party, letter))
    .map(({ personId }) => persons.find(({ id }) => id === personId)?.name ?? 'somebody unknown');

interface NamedProps {
  readonly party: Party;
  readonly named: NamedPersons;
  readonly persons: readonly Person[];
  readonly onChange: (named: NamedPersons) => void;
}

/** For each letter of a party: who is meant by name, or nobody in particular. */
export function NamedFields(props: NamedProps & { readonly letters: readonly Letter[] }) {
  const { letters, ...fields } = props;
  return (
    <>
      {LETTER_ORDER.filter((letter) => letters.includes(letter)).map((letter) => (
        <NamedField key={letter} letter={letter} {...fields} />
      ))}
    </>
  );
}

function NamedField(props: NamedProps & { readonly letter: Letter }) {
  const { party, letter, named, persons } = props;
  const names = namesOf(named, party, letter, persons);
  // Where somebody is named already it stands open; after that it is as whoever changes it leaves it.
  const [isOpenAtFirst] = useState(names.length > 0);
  const isMeant = isOf(party, letter);
  const choose = (personId: string, on: boolean): void => {
    const others = named.filter((item) => !(isMeant(item) && item.personId === personId));
    props.onChange(on ? [...others, { party, letter, personId }] : others);
  };
  return (
    <details className="raci-named" open={isOpenAtFirst}>
      <summary>
        {letter} {LETTER_WORDS[letter]}:{' '}
        {names.length === 0 ? 'everybody with the role that fits' : names.join(', ')}
      </summary>
      <div
        className="role-choices"
        role="group"
        aria-label={`Named for ${letter} of the ${PARTY_WORDS[party]}`}
      >
        {persons
          .filter(({ roles }) => roles.length > 0)
          .map(({ id, name }) => (
            <CheckboxField
              key={id}
              label={name}
              checked={named.some((item) => isMeant(item) && item.personId === id)}
              onChange={(on) => choose(id, on)}
            />
          ))}
      </div>
    </details>
  );
}
