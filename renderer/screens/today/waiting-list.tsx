import { ArrowRight, CircleCheck, MessageSquareReply } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { useStore } from 'zustand';
import type { MyDesk, MyNotice } from '../../../contract/notices.ts';
import { AnswerDialog } from '../../components/answer-dialog.tsx';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { formatAge } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { placeOf } from '../../format/notices.ts';
import { LETTER_WORDS, RACI_ELEMENT_WORDS } from '../../format/raci.ts';
import { useApplication } from '../../stores/context.tsx';
import type { Destination } from './reading.ts';

interface Entry {
  readonly key: string;
  /** `R A`, `C` or `I`; empty where the matrix says nothing of it. */
  readonly letters: readonly ('R' | 'A' | 'C' | 'I')[];
  readonly text: string;
  readonly detail: string;
  readonly to: Destination;
  readonly isNew: boolean;
  /** What can be answered. */
  readonly asked: MyNotice | null;
}

/** Lines of each letter that are shown at once. */
const SHOWN = 8;

/** Everything that waits for this person: what they have to move on (R, A), are asked about (C), and should know (I). */
export function WaitingList(props: {
  /** What waits beside the matrix. */
  readonly others: readonly { readonly text: string; readonly detail: string; readonly to: Destination }[];
  readonly now: number;
}) {
  const { notices } = useApplication();
  const mine = useStore(notices, (state) => state.mine);
  const [answering, setAnswering] = useState<MyNotice | null>(null);
  const desk = mine.value;
  const asked = desk?.asked.slice(0, SHOWN) ?? [];
  const told = desk?.told.slice(0, SHOWN) ?? [];
  useSeen([...asked, ...told]);
  const acts = [...holdsOf(desk, props.now), ...props.others.map(otherOf)];
  const count =
    acts.length + (desk?.asked.length ?? 0) + (desk?.told.filter((item) => item.isNew).length ?? 0);
  return (
    <section className="card" aria-label="Waiting for you">
      <h2>
        Waiting for you
        {count > 0 && <span className="card-count">{formatCount(count)}</span>}
      </h2>
      {mine.failure !== null && <FailureNote failure={mine.failure} what="What waits for you" />}
      {acts.length + asked.length + told.length === 0 ? (
        <p className="today-none">
          <CircleCheck aria-hidden size={16} className="tone-good" /> Nothing waits for you.
        </p>
      ) : (
        <>
          <Part title="To move on" entries={acts} onAnswer={setAnswering} />
          <Part
            title="You are asked"
            entries={asked.map((item) => noticeOf(item, props.now))}
            more={(desk?.asked.length ?? 0) - asked.length}
            onAnswer={setAnswering}
          />
          <Part
            title="You should know"
            entries={told.map((item) => noticeOf(item, props.now))}
            more={(desk?.told.length ?? 0) - told.length}
            onAnswer={setAnswering}
          />
        </>
      )}
      {answering !== null && (
        <AnswerDialog ids={answering.ids} text={answering.text} onClose={() => setAnswering(null)} />
      )}
    </section>
  );
}

/** What stood on the screen for a moment was seen: a person who only passes by has not read it. */
const SEEN_AFTER_MS = 1_000;

function useSeen(shown: readonly MyNotice[]): void {
  const { notices } = useApplication();
  const ids = shown.filter((item) => item.isNew).flatMap((item) => item.ids);
  const key = ids.join(' ');
  useEffect(() => {
    if (key === '') return;
    const timer = setTimeout(() => void notices.getState().see(key.split(' ')), SEEN_AFTER_MS);
    return () => clearTimeout(timer);
  }, [notices, key]);
}

const holdsOf = (desk: MyDesk | null, now: number): Entry[] =>
  (desk?.holds ?? []).map((item) => ({
    key: `${item.about.kind}${item.about.id}${item.task}`,
    letters: item.letters,
    text: item.task,
    detail: `${item.detail}, ${formatAge(item.at, now)}`,
    to: placeOf(item.about),
    isNew: false,
    asked: null,
  }));

const otherOf = (item: {
  readonly text: string;
  readonly detail: string;
  readonly to: Destination;
}): Entry => ({
  ...{ ...item, key: item.text + item.detail, letters: ['R'], isNew: false, asked: null },
});

const noticeOf = (item: MyNotice, now: number): Entry => ({
  key: item.ids[0] ?? item.text,
  letters: [item.letter],
  text: item.text,
  detail: `${item.customer === null || item.customer === '' ? '' : `${item.customer}, `}${RACI_ELEMENT_WORDS[item.element]}, ${formatAge(item.at, now)}`,
  to: placeOf(item.about),
  isNew: item.isNew,
  asked: item.letter === 'C' ? item : null,
});

function Part(props: {
  readonly title: string;
  readonly entries: readonly Entry[];
  readonly more?: number;
  readonly onAnswer: (item: MyNotice) => void;
}) {
  const { navigation } = useApplication();
  const { go } = navigation.getState();
  if (props.entries.length === 0) return null;
  return (
    <>
      <h3 className="today-part">{props.title}</h3>
      <ul>
        {props.entries.map((entry) => (
          <li key={entry.key} className="today-line">
            <AriaButton
              className="today-entry"
              onPress={() => go(entry.to.screen, entry.to.objectId, entry.to.section)}
            >
              <Letters letters={entry.letters} />
              <span className="today-entry-text">
                <span>{entry.text}</span>
                <span className="soft">
                  {entry.isNew && <b>New. </b>}
                  {entry.detail}
                </span>
              </span>
              <ArrowRight aria-hidden size={15} className="soft" />
            </AriaButton>
            {entry.asked !== null && (
              <Button
                icon={MessageSquareReply}
                onPress={() => entry.asked !== null && props.onAnswer(entry.asked)}
              >
                Answer<span className="unseen"> {entry.text}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {(props.more ?? 0) > 0 && (
        <p className="today-none">
          {countOf(props.more ?? 0, 'more line', 'more lines')} when these are done.
        </p>
      )}
    </>
  );
}

/** The letters with their words for a screen reader; nothing where the matrix gives none. */
function Letters(props: { readonly letters: readonly ('R' | 'A' | 'C' | 'I')[] }) {
  const words = props.letters.map((letter) => LETTER_WORDS[letter]).join(', ');
  return (
    <span className="today-letters">
      <span aria-hidden>{props.letters.join(' ')}</span>
      {words !== '' && <span className="unseen">Who {words}: you.</span>}
    </span>
  );
}
