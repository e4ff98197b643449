import { useState } from 'react';
import { useApplication } from '../stores/context.tsx';
import { Button } from './button.tsx';
import { RadioField, TextField } from './fields.tsx';
import { FailureNote } from './notes.tsx';
import { TaskDialog } from './task-dialog.tsx';
import { useAction } from './use-action.ts';

/** What somebody who is asked has to say; or what they said elsewhere, written down by another. */
export function AnswerDialog(props: {
  readonly ids: readonly string[];
  readonly text: string;
  /** Name of the person who was asked, when it is not who is signed in. */
  readonly onBehalfOf?: string;
  readonly onClose: () => void;
}) {
  const { notices } = useApplication();
  const [answer, setAnswer] = useState<'no-objection' | 'remark'>('no-objection');
  const [remark, setRemark] = useState('');
  const { onBehalfOf } = props;
  const send = useAction(() =>
    notices.getState().answer({
      ...{ ids: [...props.ids], answer, onBehalf: onBehalfOf !== undefined },
      remark: answer === 'remark' ? remark.trim() : '',
    }),
  );
  const isReady = answer === 'no-objection' || remark.trim() !== '';
  return (
    <TaskDialog
      title={onBehalfOf === undefined ? 'What do you think of this?' : `What did ${onBehalfOf} say?`}
      busy={send.busy}
      onSubmit={() => {
        if (!isReady) return;
        void send.run().then((done) => {
          if (done !== null) props.onClose();
        });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={send.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" busy={send.busy} disabled={!isReady}>
            {onBehalfOf === undefined ? 'Answer' : 'Write it down'}
          </Button>
        </>
      }
    >
      <p>{props.text}</p>
      <RadioField
        label="Answer"
        value={answer}
        onChange={setAnswer}
        choices={[
          {
            value: 'no-objection',
            label: 'No objection',
            hint: 'It can go on as far as this person is concerned.',
          },
          {
            value: 'remark',
            label: 'A remark',
            hint: 'Whoever decides reads it. It stops nothing by itself.',
          },
        ]}
      />
      {answer === 'remark' && <TextField label="Remark" value={remark} onChange={setRemark} autoFocus />}
      {onBehalfOf !== undefined && (
        <p className="small">The record says that you wrote it down for {onBehalfOf}.</p>
      )}
      {send.failure !== null && <FailureNote failure={send.failure} what="The answer was not kept" />}
    </TaskDialog>
  );
}
