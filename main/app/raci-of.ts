import { ContractError } from '../../contract/errors.ts';
import type { RaciAbout, RaciView } from '../../contract/raci.ts';
import type { RaciElement } from '../../contract/vocabulary.ts';
import type { NoticeFilter, ReadNotice } from '../catalogue/notice-store.ts';
import { ballOfApproval, ballOfTask, type Ball } from '../core/raci/ball.ts';
import { partiesOf } from '../core/raci/holders.ts';
import { elementOfIncident, elementOfStep, rowOf } from '../core/raci/matrix.ts';
import { requireApproval, requirePlan } from './approvals.ts';
import { approvalFacts } from './ball-facts.ts';
import { isOutOfCycle } from './notice-steps.ts';
import { concernOf, currentMatrix, customersOf } from './notices.ts';
import { presentNotices } from './present-notices.ts';
import { statusOfTask } from './present-runs.ts';
import type { Services } from './services.ts';
import { isSingleOperator } from './single-operator.ts';
import { customersOfPlan } from './who-answers.ts';

interface Reading {
  readonly element: RaciElement;
  readonly ball: Ball | null;
  /** Whose endpoints it is about; none: everybody's. */
  readonly customers: readonly string[];
  /** Where its notices are. */
  readonly notices: readonly Filter[];
}

type Filter = Omit<NoticeFilter, 'limit'>;

/** Who answers for one thing, who has to act next, and who was asked and told of it. */
export function raciOf(services: Services, about: RaciAbout): RaciView {
  const persons = services.site.listPersons();
  const { version, rows } = currentMatrix(services);
  const { element, ball, notices, customers } = read(services, about);
  const row = rowOf(rows, element);
  return {
    element,
    version,
    note: row.note,
    parties: partiesOf(row, persons, concernOf(services, customers)).map(({ party, holders }) => ({
      party,
      holders: holders.map((holder) => ({
        letter: holder.letter,
        persons: holder.persons.map(({ name }) => name),
      })),
    })),
    ball:
      ball === null
        ? null
        : { party: ball.party, persons: ball.persons.map(({ name }) => name), task: ball.task },
    notices: presentNotices(services, newestOf(services, notices)),
    singleOperator: isSingleOperator(services),
  };
}

const MOST = 5_000;

/** The newest of each letter to each person of each customer, in the order of the letters. */
function newestOf(services: Services, filters: readonly Filter[]): ReadNotice[] {
  const newest = new Map<string, ReadNotice>();
  const found = filters.flatMap((filter) => services.notices.list({ ...filter, limit: MOST }));
  for (const notice of found.toSorted((a, b) => b.row - a.row)) {
    const key = `${notice.letter}/${notice.party}/${notice.occasion.customer ?? ''}/${notice.personId ?? ''}`;
    if (!newest.has(key)) newest.set(key, notice);
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, notice]) => notice);
}

function read(services: Services, about: RaciAbout): Reading {
  const persons = services.site.listPersons();
  switch (about.kind) {
    case 'approval':
      return {
        ...{ element: 'approve', ball: ballOfApproval(approvalFacts(services, about.id), persons) },
        customers: customersOfPlan(
          services,
          requirePlan(services, requireApproval(services, about.id).planId).plan,
        ),
        notices: [{ subject: { subject: 'approval', id: about.id } }],
      };
    case 'run-step': {
      const state = services.journal.stateOf(about.id, about.endpointId);
      const run = services.plans.getRun(about.id);
      if (state.kind === 'new' || run === undefined) throw unknown('part of a run');
      const element = elementOfStep(about.step, isOutOfCycle(services, run.approvalId));
      const ball = ballOfTask(statusOfTask(state), persons);
      return {
        ...{ element, ball, customers: customersOf(services, [about.endpointId]) },
        notices: ofStep(element, about.id, run.planId, about.endpointId),
      };
    }
    case 'incident': {
      const incident = services.snapshots.listIncidents().find(({ id }) => id === about.id);
      if (incident === undefined) throw unknown('incident');
      const { runId, endpointId } = incident;
      const state =
        runId === null || endpointId === null ? null : services.journal.stateOf(runId, endpointId);
      const status = state === null || state.kind === 'new' ? 'failed' : statusOfTask(state);
      return {
        ...{ element: elementOfIncident(status), ball: ballOfTask(status, persons) },
        customers: endpointId === null ? [] : customersOf(services, [endpointId]),
        notices: [{ subject: { subject: 'incident', id: about.id } }],
      };
    }
    case 'scan': {
      const { endpointId } = about;
      const last =
        endpointId === null
          ? undefined
          : services.notices.list({ endpointId, kinds: ['scan-done'], limit: 1 })[0]?.occasion.subjectId;
      return {
        ...{ element: 'scan', ball: null },
        customers: endpointId === null ? [] : customersOf(services, [endpointId]),
        notices:
          last === undefined || endpointId === null
            ? []
            : [{ subject: { subject: 'scan', id: last }, endpointId }],
      };
    }
  }
}

/** What a run says of one endpoint, or of all at its start and its end; what was asked of its plan belongs to installing. */
function ofStep(element: RaciElement, runId: string, planId: string, endpointId: string): Filter[] {
  const subject = { subject: 'run', id: runId } as const;
  switch (element) {
    case 'snapshot':
      return [{ subject, endpointId, kinds: ['snapshot-taken'] }];
    case 'ensure-snapshot':
      return [{ subject, endpointId, kinds: ['snapshot-proven'] }];
    case 'restore':
      return [{ subject, endpointId, kinds: ['restore-begun', 'restored'] }];
    case 'ensure-success':
      return [{ subject, kinds: ['run-ended'] }];
    case 'apply':
    case 'apply-out-of-cycle':
      return [{ subject: { subject: 'plan', id: planId } }, { subject, kinds: ['run-started'] }];
    default:
      return [];
  }
}

const unknown = (what: string): ContractError =>
  new ContractError('CONTRACT_NOT_FOUND', `There is no such ${what}.`);
