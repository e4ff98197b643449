import type { ImportedDecision } from '../../../contract/reviews.ts';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import { Facts } from '../../components/facts.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { countOf, formatCount } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { DoneDialog } from '../../components/task-dialog.tsx';

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

/**
 * What a decision came to. Where only some of it is approved, a plan of just that is being made: this stays until it is there, and leads
 * to it, because that is what an engineer starts.
 */
export function OutcomeDialog(props: {
  readonly title: string;
  readonly outcome: ImportedDecision;
  readonly onClose: () => void;
}) {
  const { navigation, operations } = useApplication();
  const { approvalId, operationId } = props.outcome;
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
        else if (typeof reply.value.result['planId'] === 'string') setPlanId(reply.value.result['planId']);
      });
    return () => {
      current = false;
    };
  }, [operations, operationId]);
  const isBusy = operationId !== null && planId === null && failure === null;
  return (
    <DoneDialog
      title={props.title}
      next={planId === null ? 'Show it' : 'Show what is approved'}
      busy={isBusy}
      onNext={() => {
        navigation.getState().openObject('approvals', planId ?? approvalId);
        props.onClose();
      }}
      onClose={props.onClose}
    >
      <OutcomeFacts outcome={props.outcome} />
      {isBusy && operation !== undefined && <OperationProgress operation={operation} />}
      {failure !== null && (
        <FailureNote failure={failure} what="No plan was made of what was approved: ask again" />
      )}
    </DoneDialog>
  );
}

function OutcomeFacts(props: { readonly outcome: ImportedDecision }) {
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
