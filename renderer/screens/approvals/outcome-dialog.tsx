import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import { Facts, type Fact } from '../../components/facts.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { DoneDialog } from '../../components/task-dialog.tsx';
import { countOf, formatCount } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';
import type { Outcome } from '../../stores/approvals-store.ts';
import { useApplication } from '../../stores/context.tsx';

const TITLES: Readonly<Record<Outcome['by'], string>> = {
  signed: 'Signed and taken in',
  imported: 'The decision is taken in',
  countersigned: 'Countersigned and taken in',
  closed: 'The list is closed',
};

type Status = 'granted' | 'partly' | 'rejected' | 'waiting';
const WORDS: Readonly<
  Record<Status, { readonly tone: Tone; readonly title: string; readonly next: string }>
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

/**
 * What a list came to. Where only some of it is approved, a plan of just that is being made: this stays until it is there, and leads to
 * it, because that is what an engineer starts.
 */
export function OutcomeDialog(props: { readonly outcome: Outcome; readonly onClose: () => void }) {
  const { approvals, navigation, operations } = useApplication();
  const { outcome } = props;
  const { approvalId, operationId } = outcome.by === 'closed' ? outcome.settled : outcome.decision;
  const [planId, setPlanId] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  useEffect(() => {
    if (operationId === null) return undefined;
    let current = true;
    void operations
      .getState()
      .wait(operationId)
      .then((reply) => {
        if (!current) return;
        if (!reply.ok) setFailure(reply.failure);
        else if (typeof reply.value.result['planId'] === 'string') {
          setPlanId(reply.value.result['planId']);
          // What is rejected leads to it from now on.
          void approvals.getState().refresh();
        }
      });
    return () => {
      current = false;
    };
  }, [approvals, operations, operationId]);
  const isBusy = operationId !== null && planId === null && failure === null;
  return (
    <DoneDialog
      title={TITLES[outcome.by]}
      next={planId === null ? 'Show it' : 'Show what is approved'}
      busy={isBusy}
      onNext={() => {
        navigation.getState().openObject('approvals', planId ?? approvalId);
        props.onClose();
      }}
      onClose={props.onClose}
    >
      <OutcomeFacts outcome={outcome} />
      {isBusy && operation !== undefined && <OperationProgress operation={operation} />}
      {failure !== null && (
        <FailureNote failure={failure} what="No plan was made of what was approved: ask again" />
      )}
    </DoneDialog>
  );
}

function OutcomeFacts(props: { readonly outcome: Outcome }) {
  const { outcome } = props;
  const { status } = outcome.by === 'closed' ? outcome.settled : outcome.decision;
  const { tone, title, next } = WORDS[status];
  const waitingFor = outcome.by === 'closed' ? 0 : outcome.decision.waitingFor;
  return (
    <>
      <Note tone={tone} title={title}>
        <p>
          {next}
          {status === 'waiting' && waitingFor > 0 && ` It waits for ${countOf(waitingFor, 'more approver')}.`}
        </p>
      </Note>
      <Facts facts={factsOf(outcome)} />
    </>
  );
}

function factsOf(outcome: Outcome): Fact[] {
  if (outcome.by === 'closed') {
    const { approved, standing, silence, left } = outcome.settled;
    // A package counts once for each endpoint.
    const packages = (count: number): string => countOf(count, 'package');
    return [
      { label: 'Yes by silence', value: packages(silence) },
      { label: 'Approved in advance', value: packages(standing) },
      { label: 'Approved by answers', value: packages(approved) },
      { label: 'Left out', value: packages(left) },
    ];
  }
  const { decidedBy, approved, rejected, deferred } = outcome.decision;
  return [
    { label: 'Decided by', value: decidedBy },
    { label: 'Approved', value: formatCount(approved) },
    { label: 'Rejected', value: formatCount(rejected) },
    { label: 'Deferred', value: formatCount(deferred) },
  ];
}
