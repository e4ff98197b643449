import type { MyDesk, MyNotice } from '../../contract/notices.ts';
import type { Letter, Party, RaciElement } from '../../contract/vocabulary.ts';
import type { ReadNotice } from '../catalogue/notice-store.ts';
import { ballOfApproval, ballOfTask, type Ball } from '../core/raci/ball.ts';
import { holdersOf } from '../core/raci/holders.ts';
import { elementOfIncident, rowOf } from '../core/raci/matrix.ts';
import { noun } from '../core/raci/notice-words.ts';
import { approvalFacts } from './ball-facts.ts';
import { currentMatrix } from './notices.ts';
import { listQuestions } from './pack-answers.ts';
import { statusOfTask } from './present-runs.ts';
import { settledAt } from './present-notices.ts';
import { statusOf } from './approvals.ts';
import type { CallContext, Services } from './services.ts';
import { siteTime } from './statements.ts';

const DAY_MS = 24 * 3_600_000;
/** Of one line, as many as a command takes at once: what is left stands there when these are done. */
const MOST_OF_A_LINE = 5_000;

/** What waits for the person who is signed in: to move on (R and A), to answer (C), to know (I). However much of it there is. */
export function myDesk(context: CallContext): MyDesk {
  const { services } = context;
  const { id } = context.person();
  const waitingSince = new Date(Date.parse(services.now()) - DAY_MS).toISOString();
  const own = services.notices.list({ personId: id, waitingSince });
  const entries = services.notices.entriesOf(own.map((notice) => notice.id));
  const isOpen = openAt(services);
  const isNew = (notice: ReadNotice): boolean =>
    entries.get(notice.id)?.some(({ kind }) => kind === 'seen') !== true;
  return {
    holds: holdsOf(services, id),
    asked: group(
      own.filter((notice) => notice.letter === 'C' && isOpen(notice)),
      isNew,
    ),
    told: group(
      own.filter((notice) => notice.letter === 'I'),
      isNew,
    ),
  };
}

/** Whether an answer can still help, looked up once for each thing. */
function openAt(services: Services): (notice: ReadNotice) => boolean {
  const known = new Map<string, boolean>();
  return (notice) => {
    const about = `${notice.occasion.subject}/${notice.occasion.subjectId}`;
    const isOpen = known.get(about) ?? settledAt(services, notice) === null;
    known.set(about, isOpen);
    return isOpen;
  };
}

/** Notices of one step of one thing, to one letter for one customer, are one line: a run says it of each endpoint. */
function group(notices: readonly ReadNotice[], isNew: (notice: ReadNotice) => boolean): MyNotice[] {
  const groups = new Map<string, ReadNotice[]>();
  for (const notice of notices) {
    const { kind, subject, subjectId, customer } = notice.occasion;
    const key = JSON.stringify([kind, subject, subjectId, notice.letter, notice.party, customer]);
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  return [...groups.values()].flatMap((members): MyNotice[] => {
    const [newest] = members;
    if (newest === undefined) return [];
    const { occasion, party, letter } = newest;
    const more = members.length - 1;
    return [
      {
        ids: members.slice(0, MOST_OF_A_LINE).map(({ id }) => id),
        ...{ kind: occasion.kind, element: occasion.element, party, customer: occasion.customer },
        ...{ letter, at: occasion.at },
        about: { kind: occasion.subject, id: occasion.subjectId },
        text: more === 0 ? occasion.text : `${occasion.text} And ${more} more of the same.`,
        isNew: members.some(isNew),
      },
    ];
  });
}

function holdsOf(services: Services, personId: string): MyDesk['holds'] {
  const persons = services.site.listPersons();
  const { rows } = currentMatrix(services);
  const lettersOf = (element: RaciElement, party: Party): Letter[] =>
    (['R', 'A'] as const).filter((letter) =>
      holdersOf(rowOf(rows, element), party, letter, persons).some(({ id }) => id === personId),
    );
  const isMine = (ball: Ball | null): ball is Ball =>
    ball?.persons.some(({ id }) => id === personId) === true;
  const held: MyDesk['holds'] = [];
  const newestPlanAt = services.plans.listPlans()[0]?.createdAt ?? '';
  for (const row of services.plans.listApprovals()) {
    const status = statusOf(row, siteTime(services));
    // What was rejected or ran out is passed on as soon as somebody plans anew.
    const at = row.decision?.decidedAt ?? row.requestedAt;
    if (status === 'used' || status === 'withdrawn') continue;
    if ((status === 'rejected' || status === 'expired') && newestPlanAt > at) continue;
    const ball = ballOfApproval(approvalFacts(services, row.id), persons);
    if (!isMine(ball)) continue;
    const plan = services.plans.getPlan(row.planId)?.plan;
    const packages = plan?.endpoints.reduce((sum, endpoint) => sum + endpoint.packages.length, 0) ?? 0;
    const element = status === 'granted' ? 'apply' : 'approve';
    held.push({
      ...{ about: { kind: 'approval', id: row.id }, element, letters: lettersOf(element, ball.party), at },
      task: ball.task,
      detail: `${noun(packages, 'package')} on ${noun(plan?.endpoints.length ?? 0, 'endpoint')}, asked for by ${services.site.findPerson(row.requestedBy)?.name ?? row.requestedBy}`,
    });
  }
  held.push(...runsHeld(services, isMine, lettersOf));
  const isEngineer = persons.some(({ id, roles }) => id === personId && roles.includes('engineer'));
  const open = isEngineer ? listQuestions(services).filter(({ answer }) => answer === null) : [];
  for (const packId of new Set(open.map((question) => question.packId))) {
    const own = open.filter((question) => question.packId === packId);
    const approvalId = services.reviews.findPack(packId)?.approvalId;
    if (approvalId === undefined) continue;
    held.push({
      ...{ about: { kind: 'approval', id: approvalId }, element: 'approve' },
      ...{ letters: [], task: `Answer ${noun(own.length, 'question')}.`, at: services.now() },
      detail: own[0]?.question ?? '',
    });
  }
  return held;
}

/** Endpoints on which a run left something to settle, as long as no later run reached them. */
function runsHeld(
  services: Services,
  isMine: (ball: Ball | null) => ball is Ball,
  lettersOf: (element: RaciElement, party: Party) => Letter[],
): MyDesk['holds'] {
  const persons = services.site.listPersons();
  const found = new Map<string, MyDesk['holds'][number] & { names: string[] }>();
  for (const endpoint of services.endpoints.list()) {
    const last = services.journal.lastEnded(endpoint.id);
    if (last === undefined) continue;
    const status = statusOfTask(services.journal.stateOf(last.runId, endpoint.id));
    const ball = ballOfTask(status, persons);
    if (!isMine(ball)) continue;
    const key = `${last.runId}/${ball.task}`;
    const before = found.get(key);
    if (before !== undefined) {
      before.names.push(endpoint.name);
      continue;
    }
    const element = elementOfIncident(status);
    found.set(key, {
      ...{ about: { kind: 'run', id: last.runId }, element, letters: lettersOf(element, ball.party) },
      ...{ task: ball.task, detail: '', at: last.at, names: [endpoint.name] },
    });
  }
  return [...found.values()].map(({ names, ...held }) => ({
    ...held,
    detail:
      names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`,
  }));
}
