import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { waitingSheets } from '../../stores/counsel-store.ts';
import { CountersignDialog } from './countersign-dialog.tsx';

/** Says which unsigned sheets of a list wait for somebody who stands for them, and lets an approver do it. */
export function UnsignedSheets(props: { readonly packId: string; readonly mayCountersign: boolean }) {
  const { counsel } = useApplication();
  const { value: sheets, failure } = useStore(counsel, (state) => state.sheets);
  const [standingFor, setStandingFor] = useState<string | null>(null);
  useEffect(() => void counsel.getState().refresh(), [counsel]);
  // Countersigned, it waits no more, but what came of it is still being read.
  const chosen = (sheets ?? []).find(({ id }) => id === standingFor);
  return (
    <>
      {failure !== null && (
        <FailureNote failure={failure} what="Whether spreadsheets wait could not be read" />
      )}
      {waitingSheets(sheets, props.packId).map((sheet) => (
        <Note
          key={sheet.id}
          tone="warn"
          title={`A spreadsheet of ${sheet.saidBy} waits, which nobody signed`}
          {...(props.mayCountersign
            ? { action: <Button onPress={() => setStandingFor(sheet.id)}>Countersign</Button> }
            : {})}
        >
          <p>
            {formatCount(sheet.counts.approved)} approved, {formatCount(sheet.counts.rejected)} rejected,{' '}
            {formatCount(sheet.counts.deferred)} deferred, {formatCount(sheet.counts.asked)} asked about;
            brought in by {sheet.importedBy}.
            {sheet.countersigned.length > 0 &&
              ` Countersigned by ${sheet.countersigned.map(({ by }) => by).join(', ')}: ${sheet.countersigned.length} of ${sheet.approvers} who have to approve.`}
          </p>
        </Note>
      ))}
      {chosen !== undefined && <CountersignDialog sheet={chosen} onClose={() => setStandingFor(null)} />}
    </>
  );
}
