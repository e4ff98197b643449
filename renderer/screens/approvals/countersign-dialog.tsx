import { PenLine } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { SheetView } from '../../../contract/sheets.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { GOOD_FOR, type GoodFor } from './good-for.ts';
import { SheetLines } from './sheet-lines.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';

/** Stands for an unsigned sheet with one's own key, and says how it is known that the customer means it. */
export function CountersignDialog(props: { readonly sheet: SheetView; readonly onClose: () => void }) {
  const { approvals, counsel } = useApplication();
  const { sheet } = props;
  const [assurance, setAssurance] = useState('');
  const [hours, setHours] = useState<GoodFor>('72');
  const sign = useAction(() =>
    counsel.getState().countersign({ id: sheet.id, assurance: assurance.trim(), validHours: Number(hours) }),
  );
  // Nobody stands for what they could not read.
  const [isRead, setRead] = useState(false);
  const onRead = useCallback(() => setRead(true), []);
  const ready = isRead && assurance.trim().length >= 3;
  return (
    <TaskDialog
      title={`Countersign the sheet of ${sheet.saidBy}`}
      busy={sign.busy}
      onSubmit={() => {
        if (!ready) return;
        void sign.run().then((decision) => {
          if (decision === null) return;
          approvals.getState().showOutcome({ by: 'countersigned', decision });
          void approvals.getState().refresh();
          props.onClose();
        });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={sign.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={PenLine} busy={sign.busy} disabled={!ready}>
            Countersign
          </Button>
        </>
      }
    >
      <p>
        You stand for it with your own key, because its writer signed nothing. Approval, run and report say “
        {sheet.mark}” for ever.
      </p>
      <SheetLines sheetId={sheet.id} onRead={onRead} />
      <TextField
        label="How do you know that they mean it?"
        hint="For example: telephoned Ines Okoye on the number in the contract, read every line back."
        value={assurance}
        onChange={setAssurance}
        lines={3}
        required
        autoFocus
      />
      <SelectField label="Good for" value={hours} choices={GOOD_FOR} onChange={setHours} />
      {sign.failure !== null && <FailureNote failure={sign.failure} what="Nothing was signed" />}
    </TaskDialog>
  );
}
