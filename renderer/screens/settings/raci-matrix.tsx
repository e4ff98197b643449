import { Pencil } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { RaciRow } from '../../../contract/raci.ts';
import type { Person } from '../../../contract/site.ts';
import type { Party } from '../../../contract/vocabulary.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { formatInstant } from '../../format/dates.ts';
import { LETTER_WORDS, PARTY_ORDER, RACI_ELEMENT_WORDS } from '../../format/raci.ts';
import { useApplication } from '../../stores/context.tsx';
import { ChangeElement } from './change-element.tsx';
import { namesOf } from './raci-names.tsx';

const NOBODY: readonly Person[] = [];

/** Who does, answers for, is asked about and is told of what; changed row by row, version after version. */
export function RaciMatrix() {
  const { raci, records } = useApplication();
  const persons = useStore(records, (state) => state.persons.value) ?? NOBODY;
  const matrix = useStore(raci, (state) => state.matrix);
  const [editing, setEditing] = useState<RaciRow | null>(null);
  useEffect(() => void raci.getState().refresh(), [raci]);
  useEffect(() => void records.getState().refreshSite(), [records]);
  if (matrix.value === null) {
    return matrix.failure === null ? <Loading what="the matrix" /> : <FailureNote failure={matrix.failure} />;
  }
  const { current, history, mayChange, withoutStep } = matrix.value;
  return (
    <div className="scroll settings settings-wide">
      <p className="soft">
        R does the work, A has the final word, C is asked, I is told: whoever is named for it, else everybody
        with the role that fits.{' '}
        {current.version === 0
          ? 'This is how Sallyport comes; nobody has changed it here.'
          : `Version ${current.version}, ${formatInstant(current.at ?? '')}, by ${current.by ?? ''}: ${current.reason}`}
      </p>
      {editing !== null && (
        <ChangeElement
          key={editing.element}
          row={editing}
          matrix={matrix.value}
          persons={persons}
          onDone={() => setEditing(null)}
        />
      )}
      <table className="plain-table">
        <thead>
          <tr>
            <th>Element</th>
            <th>Provider</th>
            <th>Customer</th>
            <th>Note</th>
            {mayChange && <th className="no-print">Change</th>}
          </tr>
        </thead>
        <tbody>
          {current.rows.map((row) => (
            <tr key={row.element}>
              <td>{RACI_ELEMENT_WORDS[row.element]}</td>
              {PARTY_ORDER.map((party) => (
                <td key={party}>
                  <Letters row={row} party={party} persons={persons} />
                </td>
              ))}
              <td className="soft">
                {row.note}
                {withoutStep
                  .filter(({ element }) => element === row.element)
                  .map(({ element, why }) => (
                    <p className="small" key={element}>
                      No step opens a notice for it yet: {why}.
                    </p>
                  ))}
              </td>
              {mayChange && (
                <td className="no-print">
                  <IconButton
                    icon={Pencil}
                    label={`Change ${RACI_ELEMENT_WORDS[row.element]}`}
                    onPress={() => setEditing(row)}
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {history.length > 0 && (
        <section>
          <h2>Versions</h2>
          <ul>
            {history.map((version) => (
              <li key={version.version}>
                Version {version.version}, {formatInstant(version.at ?? '')}, {version.by}: {version.reason} (
                {version.changed.map((element) => RACI_ELEMENT_WORDS[element]).join(', ')})
              </li>
            ))}
          </ul>
        </section>
      )}
      <div className="no-print">
        <Button onPress={() => window.print()}>Print</Button>
      </div>
    </div>
  );
}

function Letters(props: {
  readonly row: RaciRow;
  readonly party: Party;
  readonly persons: readonly Person[];
}) {
  const { row, party } = props;
  if (row[party].length === 0) return <span className="soft">No part in it</span>;
  const said = row[party].map((letter) => {
    const names = namesOf(row.persons, party, letter, props.persons);
    return `${letter} ${LETTER_WORDS[letter]}${names.length === 0 ? '' : ` (${names.join(', ')})`}`;
  });
  return <span>{said.join(', ')}</span>;
}
