import { MessageCircleReply } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { QuestionView } from '../../../contract/queue.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { TaskDialog } from '../../components/task-dialog.tsx';

const idOf = (item: QuestionView): string => `${item.packId} ${item.patch} ${item.askedById}`;

/** What customers asked in their decisions, and the answers of the site: they stand on the next list. */
export function QuestionsDialog(props: { readonly onClose: () => void }) {
  const { counsel } = useApplication();
  const loaded = useStore(counsel, (state) => state.questions);
  useEffect(() => void counsel.getState().refresh(), [counsel]);
  const questions = loaded.value ?? [];
  const open = questions.filter(({ answer }) => answer === null);
  const answered = questions.filter(({ answer }) => answer !== null);
  const [words, setWords] = useState('');
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = open.find((item) => idOf(item) === chosenId) ?? open[0];
  const send = useAction((question: QuestionView) => counsel.getState().answer(question, words.trim()));
  const ready = chosen !== undefined && words.trim() !== '';
  return (
    <TaskDialog
      title={
        loaded.value === null
          ? 'Questions of customers'
          : open.length === 0
            ? 'Every question is answered'
            : countOf(open.length, 'open question')
      }
      busy={send.busy}
      onSubmit={() => {
        if (!ready) return;
        void send.run(chosen).then((answer) => {
          if (answer !== null) setWords('');
        });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={send.busy}>
            Close
          </Button>
          {open.length > 0 && (
            <Button kind="primary" type="submit" icon={MessageCircleReply} busy={send.busy} disabled={!ready}>
              Answer
            </Button>
          )}
        </>
      }
    >
      {loaded.value === null && loaded.failure === null && <Loading what="the questions" />}
      {loaded.failure !== null && (
        <FailureNote failure={loaded.failure} what="The questions could not be read" />
      )}
      <p>Answers stand on the next list beside the patch: prepare the list again once they are given.</p>
      <ul className="questions" aria-label="Questions">
        {open.map((item) => (
          <li key={idOf(item)}>
            <button
              type="button"
              className="question"
              aria-pressed={item === chosen}
              onClick={() => setChosenId(idOf(item))}
            >
              <strong>{item.package}</strong> <span className="cell-version">{item.version}</span>
              <span className="question-words">{item.question}</span>
              <span className="soft small">{item.askedBy}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && (
        <TextField
          key={idOf(chosen)}
          label={`Answer about ${chosen.package}`}
          value={words}
          onChange={setWords}
          lines={3}
          required
          autoFocus
        />
      )}
      {send.failure !== null && <FailureNote failure={send.failure} what="Nothing was answered" />}
      {answered.length > 0 && (
        <details>
          <summary>{countOf(answered.length, 'answered question')}</summary>
          <ul>
            {answered.map((item) => (
              <li key={idOf(item)}>
                <strong>{item.package}</strong>: {item.question} <span className="soft">{item.askedBy}</span>
                <br />
                {item.answer} <span className="soft">{item.answeredBy}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </TaskDialog>
  );
}
