import { ContractError } from '../../contract/errors.ts';
import type { RaciAbout, RaciMatrixView, RaciRow as RaciRowView, RaciView } from '../../contract/raci.ts';
import { ballOfApproval, ballOfTask, type Ball } from '../core/raci/ball.ts';
import { partiesOf } from '../core/raci/holders.ts';
import {
  changedElements,
  changeMatrix,
  DEFAULT_RACI,
  elementOfStep,
  rowOf,
  type RaciRow,
} from '../core/raci/matrix.ts';
import type { RaciElement } from '../../contract/vocabulary.ts';
import { requireApproval, statusOf } from './approvals.ts';
import type { Handlers } from './dispatch.ts';
import { statusOfTask } from './present-runs.ts';
import { readPack } from './reviews.ts';
import type { CallContext, Services } from './services.ts';

type RaciHandlers = Pick<Handlers, 'raci.get' | 'raci.set' | 'raci.of'>;

export const raciHandlers: RaciHandlers = {
  'raci.get': (_input, context) => matrixView(context),
  'raci.set': (input, context) => {
    const { services } = context;
    const { version, rows } = currentMatrix(services);
    if (input.basedOn !== version) {
      throw new ContractError(
        'CONTRACT_CONFLICT',
        `The matrix is at version ${version}, not ${input.basedOn}.`,
        {
          hint: 'Look at it again, then change it.',
        },
      );
    }
    for (const { personId } of input.rows.flatMap((row) => row.persons)) {
      const person = services.site.findPerson(personId);
      if (person === undefined || person.roles.length === 0) {
        throw new ContractError('CONTRACT_NOT_FOUND', 'A person named in the matrix is not here.', {
          hint: 'Choose somebody from the list of people.',
          subject: { personId },
        });
      }
    }
    const after = changeMatrix(rows, input.rows);
    const changed = changedElements(rows, after);
    if (changed.length === 0) throw new ContractError('CONTRACT_CONFLICT', 'Nothing would change.');
    context.commit({ version: String(version + 1), elements: changed.join(' '), reason: input.reason }, () =>
      services.raci.insertVersion({
        version: version + 1,
        at: services.now(),
        by: context.person().id,
        reason: input.reason,
        rows: after,
      }),
    );
    services.publish({ kind: 'changed', area: 'site', id: null });
    return matrixView(context);
  },
  'raci.of': (input, { services }) => viewOf(services, input.about),
};

function currentMatrix(services: Services): { version: number; rows: readonly RaciRow[] } {
  return services.raci.listVersions().at(-1) ?? { version: 0, rows: DEFAULT_RACI };
}

const copy = (row: RaciRow): RaciRowView => ({
  ...row,
  provider: [...row.provider],
  customer: [...row.customer],
  persons: row.persons.map((person) => ({ ...person })),
});

function matrixView({ services, session }: CallContext): RaciMatrixView {
  const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
  const versions = services.raci.listVersions();
  const history = versions.map(({ version, at, by, reason, rows }, index) => ({
    version,
    at,
    by: nameOf(by),
    reason,
    changed: changedElements(versions[index - 1]?.rows ?? DEFAULT_RACI, rows),
  }));
  const newest = versions.at(-1);
  return {
    current: {
      version: newest?.version ?? 0,
      at: newest?.at ?? null,
      by: newest === undefined ? null : nameOf(newest.by),
      reason: newest?.reason ?? '',
      rows: (newest?.rows ?? DEFAULT_RACI).map(copy),
    },
    history: history.toReversed(),
    mayChange: session.person?.roles.includes('service-manager') === true,
  };
}

interface Reading {
  readonly element: RaciElement;
  readonly ball: Ball | null;
}

function viewOf(services: Services, about: RaciAbout): RaciView {
  const persons = services.site.listPersons();
  const { version, rows } = currentMatrix(services);
  const { element, ball } = read(services, about);
  const row = rowOf(rows, element);
  return {
    element,
    version,
    note: row.note,
    parties: partiesOf(row, persons).map(({ party, holders }) => ({
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
    singleOperator: persons.filter((person) => person.roles.length > 0).length < 2,
  };
}

function read(services: Services, about: RaciAbout): Reading {
  const persons = services.site.listPersons();
  switch (about.kind) {
    case 'approval':
      return { element: 'approve', ball: ballOfApproval(approvalFacts(services, about.id), persons) };
    case 'run-step': {
      const state = services.journal.stateOf(about.id, about.endpointId);
      if (state.kind === 'new') throw unknown('part of a run');
      return { element: elementOfStep(about.step, false), ball: ballOfTask(statusOfTask(state), persons) };
    }
    case 'incident': {
      const incident = services.snapshots.listIncidents().find(({ id }) => id === about.id);
      if (incident === undefined) throw unknown('incident');
      const { runId, endpointId } = incident;
      const state =
        runId === null || endpointId === null ? null : services.journal.stateOf(runId, endpointId);
      const status = state === null || state.kind === 'new' ? 'failed' : statusOfTask(state);
      const element = status === 'restored' ? 'restore' : 'ensure-success';
      return { element, ball: ballOfTask(status, persons) };
    }
    case 'scan':
      return { element: 'scan', ball: null };
  }
}

const unknown = (what: string): ContractError =>
  new ContractError('CONTRACT_NOT_FOUND', `There is no such ${what}.`);

/** Of the newest pack, where the approval went out as one: how many have to answer, and who has. */
function approvalFacts(services: Services, id: string): Parameters<typeof ballOfApproval>[0] {
  const approval = requireApproval(services, id);
  const pack = services.reviews.listPacks().find((row) => row.approvalId === id && row.supersededBy === null);
  return {
    status: statusOf(approval, services.now()),
    requestedBy: approval.requestedBy,
    needed: pack === undefined ? 1 : readPack(pack.payload).approvers,
    answeredBy: pack === undefined ? [] : services.reviews.listDecisions(pack.id).map((row) => row.personId),
  };
}
