import { ClipboardCheck } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { DoneDialog, TaskDialog } from '../../components/task-dialog.tsx';

type Verdict = 'no-concern' | 'concern';

/** The provider is consulted: what its own check of these patches says. The list that is out stays as it was signed. */
export function QualityDialog(props: {
  /** SHA-256 of the packages, and what to call them. */
  readonly patches: readonly string[];
  readonly about: string;
  readonly onClose: () => void;
}) {
  const { counsel } = useApplication();
  const { patches, about, onClose } = props;
  const [verdict, setVerdict] = useState<Verdict>('no-concern');
  const [note, setNote] = useState('');
  const record = useAction(() =>
    counsel.getState().recordQuality({ patches: [...patches], verdict, note: note.trim() }),
  );
  const [done, setDone] = useState(false);
  const ready = patches.length > 0 && (verdict === 'no-concern' || note.trim().length >= 3);
  if (done) {
    return (
      <DoneDialog title="The check is recorded" next="Close" onNext={onClose} onClose={onClose}>
        <p>
          The list that is out stays as it was signed. The customer sees the check on the next one: prepare
          the list again.
        </p>
      </DoneDialog>
    );
  }
  return (
    <TaskDialog
      title={`Our check of ${about}`}
      busy={record.busy}
      onSubmit={() => {
        if (ready) void record.run().then((answer) => setDone(answer !== null));
      }}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose} disabled={record.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={ClipboardCheck} busy={record.busy} disabled={!ready}>
            Record it
          </Button>
        </>
      }
    >
      <p>
        For {countOf(patches.length, 'patch', 'patches')}, under your name. The customer decides; this is the
        provider’s advice.
      </p>
      <RadioField
        label="What the check says"
        value={verdict}
        onChange={setVerdict}
        choices={[
          { value: 'no-concern', label: 'No concern', hint: 'Tried or looked at, nothing against it.' },
          { value: 'concern', label: 'A concern', hint: 'Say what was seen, on which system.' },
        ]}
      />
      <TextField
        label={verdict === 'concern' ? 'The concern' : 'Note (optional)'}
        value={note}
        onChange={setNote}
        lines={3}
        required={verdict === 'concern'}
      />
      {record.failure !== null && <FailureNote failure={record.failure} what="Nothing was recorded" />}
    </TaskDialog>
  );
}
