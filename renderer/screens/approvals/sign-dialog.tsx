import { PenLine } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore, type StoreApi } from 'zustand';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import type { Failure } from '../../../contract/errors.ts';
import type { Silence } from '../../../contract/packs.ts';
import type { DecideState } from '../../decide/decide-store.ts';
import { SilenceNote } from '../../decide/silence-note.tsx';
import { formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';
import { GOOD_FOR, type GoodFor } from './good-for.ts';

/** Signing cannot be taken back: says what is signed and what silence will mean, then does it with the person's own key. */
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
  const [silence, setSilence] = useState<Silence | null>(null);
  const [unknown, setUnknown] = useState<Failure | null>(null);
  const { packId, store } = props;
  useEffect(() => {
    let current = true;
    // What was decided a moment ago is no silence.
    void store
      .getState()
      .flush()
      .then(() => approvals.getState().silenceOf(packId))
      .then((reply) => {
        if (!current) return;
        setSilence(reply.ok ? reply.value : null);
        setUnknown(reply.ok ? null : reply.failure);
      });
    return () => {
      current = false;
    };
  }, [approvals, packId, store]);
  const submit = async (): Promise<void> => {
    // What is on the screen is what is signed.
    await props.store.getState().flush();
    const isSaved = props.store.getState().saving === 'saved';
    setUnsaved(!isSaved);
    if (isSaved && (await sign.run()) !== null) props.onClose();
  };
  const isAwaited = (silence?.awaited ?? 0) > 0;
  const decided = counts.approve + counts.reject + counts.defer + counts.ask;
  return (
    <TaskDialog
      title="Sign your decisions"
      busy={sign.busy}
      onSubmit={() => {
        if (!isAwaited) void submit();
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={sign.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={PenLine} busy={sign.busy} disabled={isAwaited} autoFocus>
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
      {silence !== null && <SilenceNote silence={silence} decided={decided} cutOffAt={head.cutOffAt} />}
      {silence === null && unknown === null && <Loading what="what silence will mean" />}
      {unknown !== null && <FailureNote failure={unknown} what="What silence will mean can’t be said" />}
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
