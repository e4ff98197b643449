import { Pencil } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { RaciMatrixView, RaciRow } from '../../../contract/raci.ts';
import type { Letter, Party } from '../../../contract/vocabulary.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { CheckboxField, TextField } from '../../components/fields.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { LETTER_ORDER, LETTER_WORDS, PARTY_ORDER, RACI_ELEMENT_WORDS } from '../../format/raci.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';

/** Who does, answers for, is asked about and is told of what; changed row by row, version after version. */
export function RaciMatrix() {
  const { raci } = useApplication();
  const matrix = useStore(raci, (state) => state.matrix);
  const [editing, setEditing] = useState<RaciRow | null>(null);
  useEffect(() => void raci.getState().refresh(), [raci]);
  if (matrix.value === null) {
    return matrix.failure === null ? <Loading what="the matrix" /> : <FailureNote failure={matrix.failure} />;
  }
  const { current, history, mayChange, withoutStep } = matrix.value;
  return (
    <div className="scroll settings settings-wide">
      <p className="soft">
        R does the work, A has the final word, C is asked, I is told.{' '}
        {current.version === 0
          ? 'This is how Sallyport comes; nobody has changed it here.'
          : `Version ${current.version}, ${formatInstant(current.at ?? '')}, by ${current.by ?? ''}: ${current.reason}`}
      </p>
      {editing !== null && (
        <ChangeRow
          key={editing.element}
          row={editing}
          matrix={matrix.value}
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
                  <Letters letters={row[party]} />
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

function Letters(props: { readonly letters: readonly Letter[] }) {
  if (props.letters.length === 0) return <span className="soft">No part in it</span>;
  return <span>{props.letters.map((letter) => `${letter} ${LETTER_WORDS[letter]}`).join(', ')}</span>;
}

function ChangeRow(props: {
  readonly row: RaciRow;
  readonly matrix: RaciMatrixView;
  readonly onDone: () => void;
}) {
  const { raci } = useApplication();
  const [letters, setLetters] = useState<Readonly<Record<Party, readonly Letter[]>>>({
    provider: props.row.provider,
    customer: props.row.customer,
  });
  const [note, setNote] = useState(props.row.note);
  const [reason, setReason] = useState('');
  const change = useAction(() =>
    raci.getState().set({
      basedOn: props.matrix.current.version,
      reason: reason.trim(),
      rows: [
        {
          ...props.row,
          provider: [...letters.provider],
          customer: [...letters.customer],
          note: note.trim(),
          persons: props.row.persons.filter(({ party, letter }) => letters[party].includes(letter)),
        },
      ],
    }),
  );
  const toggle = (party: Party, letter: Letter, on: boolean): void =>
    setLetters((before) => ({
      ...before,
      [party]: LETTER_ORDER.filter((one) => (one === letter ? on : before[party].includes(one))),
    }));
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim().length < 3) return;
        void change.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <h2>{RACI_ELEMENT_WORDS[props.row.element]}</h2>
      {PARTY_ORDER.map((party) => (
        <div key={party} className="field">
          <span className="label" id={`raci-${party}`}>
            {capitalise(party)}
          </span>
          <div className="role-choices" role="group" aria-labelledby={`raci-${party}`}>
            {LETTER_ORDER.map((letter) => (
              <CheckboxField
                key={letter}
                label={`${letter} ${LETTER_WORDS[letter]}`}
                checked={letters[party].includes(letter)}
                onChange={(on) => toggle(party, letter, on)}
              />
            ))}
          </div>
        </div>
      ))}
      <TextField label="Note" value={note} onChange={setNote} />
      <TextField label="Reason, for the history" value={reason} onChange={setReason} required />
      {change.failure !== null && <FailureNote failure={change.failure} what="The matrix stays as it was" />}
      <div className="form-foot">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={reason.trim().length < 3} busy={change.busy}>
          Change it
        </Button>
      </div>
    </form>
  );
}
