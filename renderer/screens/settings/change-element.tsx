import { useState } from 'react';
import type { RaciMatrixView, RaciRow } from '../../../contract/raci.ts';
import type { Person } from '../../../contract/site.ts';
import type { Letter, Party } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';
import { useAction } from '../../components/use-action.ts';
import { LETTER_ORDER, LETTER_WORDS, RACI_ELEMENT_WORDS, PARTY_ORDER } from '../../format/raci.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { NamedFields } from './raci-names.tsx';

/** The letters of one element anew, who is named for them, and why. */
export function ChangeElement(props: {
  readonly row: RaciRow;
  readonly matrix: RaciMatrixView;
  readonly persons: readonly Person[];
  readonly onDone: () => void;
}) {
  const { raci } = useApplication();
  const [letters, setLetters] = useState<Readonly<Record<Party, readonly Letter[]>>>({
    provider: props.row.provider,
    customer: props.row.customer,
  });
  const [named, setNamed] = useState(props.row.persons);
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
          persons: named.filter(({ party, letter }) => letters[party].includes(letter)),
        },
      ],
    }),
  );
  const toggle = (party: Party, letter: Letter, on: boolean): void =>
    setLetters((before) => ({
      ...before,
      [party]: LETTER_ORDER.filter((one) => (one === letter ? on : before[party].includes(one))),
    }));
  const isReady = reason.trim().length >= 3;
  return (
    <TaskDialog
      title={RACI_ELEMENT_WORDS[props.row.element]}
      busy={change.busy}
      onSubmit={() => {
        if (!isReady) return;
        void change.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
      onClose={props.onDone}
      foot={
        <>
          <Button onPress={props.onDone} disabled={change.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" disabled={!isReady} busy={change.busy}>
            Change it
          </Button>
        </>
      }
    >
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
          <NamedFields
            party={party}
            letters={letters[party]}
            named={named}
            persons={props.persons}
            onChange={setNamed}
          />
        </div>
      ))}
      <TextField label="Note" value={note} onChange={setNote} />
      <TextField label="Reason, for the history" value={reason} onChange={setReason} required />
      {change.failure !== null && <FailureNote failure={change.failure} what="The matrix stays as it was" />}
    </TaskDialog>
  );
}
