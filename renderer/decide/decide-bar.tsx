import { CalendarClock, Check, Eraser, MessageCircleQuestionMark, Undo2, X } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { DraftRow, Verdict } from '../../contract/reviews.ts';
import { Button } from '../components/button.tsx';
import { TextField } from '../components/fields.tsx';
import { Note } from '../components/notes.tsx';
import { formatCount } from '../format/figures.ts';
import type { DecideState } from './decide-store.ts';

/** A verdict that needs words before it counts. */
export type Worded = Exclude<Verdict, 'approve'>;

/** What can be decided now, always at the same place: about the row in hand, or about all that are selected. */
export function DecideBar(props: {
  readonly store: StoreApi<DecideState>;
  readonly asking: Worded | null;
  readonly onAsk: (verdict: Worded | null) => void;
  readonly children: ReactNode;
}) {
  const { store } = props;
  const { sheet, undo, decide, clear } = store.getState();
  const counts = useStore(store, (state) => state.counts);
  const selected = useStore(store, (state) => state.selected.size);
  const active = useStore(store, (state) => state.active);
  const canClear = useStore(store, (state) => state.canClear());
  const canUndo = useStore(store, (state) => state.canUndo);
  const saving = useStore(store, (state) => state.saving);
  const about =
    selected > 0
      ? `${formatCount(selected)} selected`
      : active === null
        ? 'Nothing chosen'
        : (store.getState().rowOf(active)?.package ?? '');
  const loaded = useStore(store, (state) => state.loaded);
  const { total } = sheet;
  const done = loaded - counts.undecided;
  return (
    <section className="decision-bar decide-bar" aria-label="Decision">
      {!sheet.mayDecide && (
        <Note tone="info">
          <p>{sheet.mayNotDecideBecause ?? 'Somebody else decides on this list.'}</p>
        </Note>
      )}
      {sheet.mayDecide &&
        (props.asking === null ? (
          <div className="decision-row">
            <strong className="decide-about-what">{about}</strong>
            <Button kind="primary" icon={Check} keyHint="a" onPress={() => decide('approve')}>
              Approve
            </Button>
            <Button icon={X} keyHint="r" onPress={() => props.onAsk('reject')}>
              Reject
            </Button>
            <Button icon={CalendarClock} keyHint="d" onPress={() => props.onAsk('defer')}>
              Defer
            </Button>
            <Button icon={MessageCircleQuestionMark} keyHint="q" onPress={() => props.onAsk('ask')}>
              Ask
            </Button>
            <Button kind="quiet" icon={Eraser} keyHint="c" disabled={!canClear} onPress={clear}>
              Clear
            </Button>
            <Button kind="quiet" icon={Undo2} keyHint="u" disabled={!canUndo} onPress={undo}>
              Undo
            </Button>
          </div>
        ) : (
          <WordsForm
            key={props.asking}
            verdict={props.asking}
            about={about}
            now={store.getState().now()}
            onDone={(words) => {
              if (words !== null && props.asking !== null) decide(props.asking, words);
              props.onAsk(null);
            }}
          />
        ))}
      <div className="decision-row decide-foot">
        <progress className="decide-progress" max={total} value={done} aria-label="Decided" />
        <span className="figures">
          <strong>
            {loaded < total
              ? 'Reading the list'
              : counts.undecided === 0
                ? 'Nothing left to decide'
                : `${formatCount(counts.undecided)} undecided`}
          </strong>
          <span className="soft">
            {' '}
            of {formatCount(total)}: {formatCount(counts.approve)} approved, {formatCount(counts.reject)}{' '}
            rejected, {formatCount(counts.defer)} deferred, {formatCount(counts.ask)} asked
            {counts.closed > 0 && `, ${formatCount(counts.closed)} by policy`}
          </span>
        </span>
        <span className={saving === 'failed' ? 'field-error' : 'soft small'}>
          {saving === 'failed'
            ? 'Not saved. The next decision tries again.'
            : saving === 'saving'
              ? 'Saving…'
              : ''}
        </span>
        <span className="spacer" />
        {props.children}
      </div>
    </section>
  );
}

const ASKS: Readonly<Record<Worded, { readonly label: string; readonly action: string }>> = {
  reject: { label: 'Why is it rejected?', action: 'Reject' },
  defer: { label: 'Why is it deferred?', action: 'Defer' },
  ask: { label: 'Your question to the provider', action: 'Ask' },
};
const DEFER_DAYS = 14;

function WordsForm(props: {
  readonly verdict: Worded;
  readonly about: string;
  readonly now: number;
  readonly onDone: (words: Partial<Pick<DraftRow, 'reason' | 'until' | 'control'>> | null) => void;
}) {
  const { verdict, now } = props;
  const [reason, setReason] = useState('');
  const [control, setControl] = useState('');
  const [day, setDay] = useState(() => dayAfter(now, DEFER_DAYS));
  const dayId = useId();
  const defers = verdict === 'defer';
  const laterDay = Date.parse(`${day}T23:59:59Z`) > now && day > dayAfter(now, 0);
  const ready = reason.trim().length >= 3 && (!defers || (laterDay && control.trim().length >= 3));
  return (
    <form
      className="decision-row decision-reject decide-words"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        const until = defers ? new Date(`${day}T23:59:59Z`).toISOString() : null;
        props.onDone({ reason: reason.trim(), until, control: control.trim() });
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        props.onDone(null);
      }}
    >
      <strong className="decide-about-what">{props.about}</strong>
      <TextField label={ASKS[verdict].label} value={reason} onChange={setReason} autoFocus required />
      {defers && (
        <>
          <TextField label="What protects meanwhile?" value={control} onChange={setControl} required />
          <div className="field decide-until">
            <label htmlFor={dayId}>Until</label>
            <input
              id={dayId}
              className="input"
              type="date"
              required
              min={dayAfter(now, 1)}
              value={day}
              onChange={(event) => setDay(event.target.value)}
            />
          </div>
        </>
      )}
      <Button onPress={() => props.onDone(null)}>Back</Button>
      <Button kind="primary" type="submit" disabled={!ready}>
        {ASKS[verdict].action}
      </Button>
    </form>
  );
}

/** `2026-11-24`, so many days on. */
function dayAfter(now: number, days: number): string {
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10);
}
