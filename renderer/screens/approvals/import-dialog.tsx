import { FileInput } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { SheetImport } from './sheet-import.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';

const isSpreadsheet = (file: string): boolean => /\.(?:csv|xlsx)$/i.test(file.trim());

/** Takes in what a customer decided elsewhere; a refusal says what is wrong with the file and what to do. */
export function ImportDialog(props: { readonly onClose: () => void }) {
  const { approvals } = useApplication();
  const [file, setFile] = useState('');
  const [signature, setSignature] = useState('');
  const take = useAction(() =>
    approvals.getState().importDecision(file.trim(), signature.trim() === '' ? null : signature.trim()),
  );
  const [sheet, setSheet] = useState(false);
  if (sheet) return <SheetImport file={file.trim()} onClose={props.onClose} />;
  return (
    <TaskDialog
      title="Import decision"
      busy={take.busy}
      onSubmit={() => {
        if (file.trim() === '') return;
        if (isSpreadsheet(file)) setSheet(true);
        else {
          void take.run().then((taken) => {
            if (taken !== null) props.onClose();
          });
        }
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={take.busy}>
            Cancel
          </Button>
          <Button
            kind="primary"
            type="submit"
            icon={FileInput}
            busy={take.busy}
            disabled={file.trim() === ''}
          >
            {isSpreadsheet(file) ? 'Look at the spreadsheet' : 'Check and import'}
          </Button>
        </>
      }
    >
      <p>Signature, key, list and cut-off are checked before anything is believed.</p>
      <PathField
        label="Decision file"
        hint="Or the filled-in spreadsheet: nobody signed that, so somebody here has to countersign it."
        value={file}
        onChange={setFile}
        pick={() => approvals.getState().pickFile('The decision of the customer')}
        autoFocus
      />
      <PathField
        label="Signature by ssh-keygen, if there is one"
        hint="Only for a decision that was signed with ssh-keygen."
        value={signature}
        onChange={setSignature}
        pick={() => approvals.getState().pickFile('The signature of the decision')}
      />
      {take.failure !== null && <FailureNote failure={take.failure} what="Nothing was taken in" />}
    </TaskDialog>
  );
}
