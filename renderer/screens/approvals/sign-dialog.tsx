import { PenLine } from 'lucide-react';
import { useState } from 'react';
import { useStore, type StoreApi } from 'zustand';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import type { DecideState } from '../../decide/decide-store.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { OutcomeDialog } from './outcome-facts.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';
import { GOOD_FOR, type GoodFor } from './good-for.ts';

/** Signing cannot be taken back: says what is signed, then does it with the person's own key. */
export function SignDialog(props: {
  readonly packId: string;
  readonly store: StoreApi<DecideState>;
  readonly onClose: () => void;
}) {
  const { approvals } = useApplication();
  const counts = useStore(props.store, (state) => state.counts);
  const { head } = props.store.getState().sheet;
  const [hours, setHours] = useState<GoodFor>('72');
  const [unsaved, setUnsaved] = useState(false);
  const sign = useAction(() => approvals.getState().sign(props.packId, Number(hours)));
  const [done, setDone] = useState<Awaited<ReturnType<typeof sign.run>>>(null);
  const submit = async (): Promise<void> => {
    // What is on the screen is what is signed.
    await props.store.getState().flush();
    const isSaved = props.store.getState().saving === 'saved';
    setUnsaved(!isSaved);
    if (isSaved) setDone(await sign.run());
  };
  if (done !== null) {
    return <OutcomeDialog title="Signed and taken in" outcome={done} onClose={props.onClose} />;
  }
  return (
    <TaskDialog
      title="Sign your decisions"
      busy={sign.busy}
      onSubmit={() => void submit()}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={sign.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={PenLine} busy={sign.busy} autoFocus>
            Sign and hand in
          </Button>
        </>
      }
    >
      <p>
        You sign with your own key, for {head.customer === '' ? 'this site' : head.customer}:{' '}
        {formatCount(counts.approve)} approved, {formatCount(counts.reject)} rejected,{' '}
        {formatCount(counts.defer)} deferred, {formatCount(counts.ask)} asked about. It cannot be taken back.
      </p>
      {counts.undecided > 0 && (
        <Note tone="warn">
          <p>
            {countOf(counts.undecided, 'patch is', 'patches are')} undecided. Where the policy is opt-in they
            must be decided first.
          </p>
        </Note>
      )}
      <SelectField label="Good for" value={hours} choices={GOOD_FOR} onChange={setHours} />
      {unsaved && (
        <Note tone="bad">
          <p>Your last decisions have not been saved, so nothing was signed. Try again.</p>
        </Note>
      )}
      {sign.failure !== null && <FailureNote failure={sign.failure} what="Nothing was signed" />}
    </TaskDialog>
  );
}
