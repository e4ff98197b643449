import type { ImportedDecision } from '../../../contract/reviews.ts';
import { Facts } from '../../components/facts.tsx';
import { Note } from '../../components/notes.tsx';
import { countOf, formatCount } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';

const WORDS: Readonly<
  Record<ImportedDecision['status'], { readonly tone: Tone; readonly title: string; readonly next: string }>
> = {
  granted: {
    tone: 'good',
    title: 'Everything is approved',
    next: 'An engineer can start the run.',
  },
  partly: {
    tone: 'warn',
    title: 'Some of it is approved',
    next: 'A new plan is made of what was approved, and of nothing else.',
  },
  rejected: { tone: 'info', title: 'Nothing is approved', next: 'Nothing of it is installed.' },
  waiting: {
    tone: 'accent',
    title: 'The answer counts',
    next: 'Others have to answer before it is settled.',
  },
};

/** What a decision came to, and what happens next. */
export function OutcomeFacts(props: { readonly outcome: ImportedDecision }) {
  const { outcome } = props;
  const { tone, title, next } = WORDS[outcome.status];
  return (
    <>
      <Note tone={tone} title={title}>
        <p>
          {next}
          {outcome.status === 'waiting' &&
            outcome.waitingFor > 0 &&
            ` It waits for ${countOf(outcome.waitingFor, 'more approver')}.`}
        </p>
      </Note>
      <Facts
        facts={[
          { label: 'Decided by', value: outcome.decidedBy },
          { label: 'Approved', value: formatCount(outcome.approved) },
          { label: 'Rejected', value: formatCount(outcome.rejected) },
          { label: 'Deferred', value: formatCount(outcome.deferred) },
        ]}
      />
    </>
  );
}
