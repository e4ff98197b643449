import { FileSpreadsheet } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Failure } from '../../../contract/errors.ts';
import type { SheetReading } from '../../../contract/sheets.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { DoneDialog, TaskDialog } from '../../components/task-dialog.tsx';

/** Mistakes that are listed; the rest is counted. */
const SHOWN = 200;

/** Reads a spreadsheet that a customer filled in: every mistake by its row, or what it says; kept as unsigned. */
export function SheetImport(props: { readonly file: string; readonly onClose: () => void }) {
  const { counsel, navigation } = useApplication();
  const { file, onClose } = props;
  const [reading, setReading] = useState<SheetReading | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [saidBy, setSaidBy] = useState('');
  const keep = useAction(() => counsel.getState().importSheet(file, saidBy.trim()));
  const [kept, setKept] = useState<Awaited<ReturnType<typeof keep.run>>>(null);
  useEffect(() => {
    let current = true;
    void counsel
      .getState()
      .readSheet(file)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setReading(reply.value);
        else setFailure(reply.failure);
      });
    return () => {
      current = false;
    };
  }, [counsel, file]);
  if (kept !== null) {
    return (
      <DoneDialog
        title="Kept, and nothing more"
        next="Show the list"
        onNext={() => {
          navigation.getState().openObject('approvals', kept.approvalId);
          onClose();
        }}
        onClose={onClose}
      >
        <p>It counts once an approver here has countersigned it, and is marked as “{kept.mark}” for ever.</p>
      </DoneDialog>
    );
  }
  const isGood = reading !== null && reading.problems.length === 0;
  const ready = isGood && saidBy.trim() !== '';
  return (
    <TaskDialog
      title="A spreadsheet, which nobody signed"
      busy={keep.busy}
      onSubmit={() => {
        if (ready) void keep.run().then(setKept);
      }}
      onClose={onClose}
      foot={
        <>
          <Button onPress={onClose} disabled={keep.busy}>
            {isGood ? 'Cancel' : 'Close'}
          </Button>
          {isGood && (
            <Button kind="primary" type="submit" icon={FileSpreadsheet} busy={keep.busy} disabled={!ready}>
              Keep it as unsigned
            </Button>
          )}
        </>
      }
    >
      {failure !== null && <FailureNote failure={failure} what="The spreadsheet cannot be read" />}
      {failure === null && reading === null && <Loading what="the spreadsheet" />}
      {reading !== null && !isGood && <Problems problems={reading.problems} />}
      {isGood && (
        <>
          <Facts
            facts={[
              { label: 'Approved', value: formatCount(reading.counts.approved) },
              { label: 'Rejected', value: formatCount(reading.counts.rejected) },
              { label: 'Deferred', value: formatCount(reading.counts.deferred) },
              { label: 'Questions', value: formatCount(reading.counts.asked) },
            ]}
          />
          {reading.blank > 0 && (
            <Note tone="warn" title={`${countOf(reading.blank, 'row is', 'rows are')} left blank`}>
              <p>
                Nobody signs for {reading.blank === 1 ? 'it' : 'them'}: the policies decide. Where one says
                opt-out, silence becomes a yes at the cut-off, unless an approver speaks against it before.
              </p>
            </Note>
          )}
          <TextField
            label="Who at the customer filled it in"
            value={saidBy}
            onChange={setSaidBy}
            required
            autoFocus
          />
        </>
      )}
      {keep.failure !== null && <FailureNote failure={keep.failure} what="Nothing was kept" />}
    </TaskDialog>
  );
}

function Problems(props: { readonly problems: SheetReading['problems'] }) {
  const rest = props.problems.length - SHOWN;
  return (
    <>
      <Note tone="bad" title={`${countOf(props.problems.length, 'mistake')}, so nothing of it counts`}>
        <p>Have the customer put them right in the same file, and import it again.</p>
      </Note>
      <div className="scroll sheet-problems" tabIndex={0} role="region" aria-label="Mistakes by row">
        <table className="plain-table">
          <thead>
            <tr>
              <th>Row</th>
              <th>Column</th>
              <th>What is wrong</th>
              <th>What to do</th>
            </tr>
          </thead>
          <tbody>
            {props.problems.slice(0, SHOWN).map((item, index) => (
              <tr key={index}>
                <td className="figures">{item.row}</td>
                <td>{item.column}</td>
                <td>{item.problem}</td>
                <td>{item.fix}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {rest > 0 && <p className="soft">and {countOf(rest, 'other')}</p>}
      </div>
    </>
  );
}
