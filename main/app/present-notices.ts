import type { NoticePage, NoticeView } from '../../contract/notices.ts';
import type { NoticeEntryRow, ReadNotice } from '../catalogue/notice-store.ts';
import { formatPage } from '../core/raci/notice-words.ts';
import { toldOf } from '../core/raci/notice-state.ts';
import type { Services } from './services.ts';
import { declarationOf } from './single-operator.ts';

/** @param notices in any order; it is kept */
export function presentNotices(services: Services, notices: readonly ReadNotice[]): NoticeView[] {
  const { site } = services;
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const entries = services.notices.entriesOf(notices.map(({ id }) => id));
  const settled = new Map<string, string | null>();
  return notices.map((notice): NoticeView => {
    const { occasion } = notice;
    const own = entries.get(notice.id) ?? [];
    const person = notice.personId === null ? undefined : site.findPerson(notice.personId);
    const about = `${occasion.subject}/${occasion.subjectId}`;
    if (!settled.has(about)) settled.set(about, settledAt(services, notice));
    return {
      ...{ id: notice.id, kind: occasion.kind, element: occasion.element, version: occasion.version },
      ...{ about: { kind: occasion.subject, id: occasion.subjectId }, text: occasion.text },
      ...{ at: occasion.at, by: occasion.by, endpoints: notice.endpoints },
      ...{ party: notice.party, customer: occasion.customer, letter: notice.letter },
      person: person?.name ?? null,
      maySignIn: person !== undefined && person.keyslot !== '',
      told: toldOf(own, notice.personId),
      answer: answerOf(own, notice, nameOf),
      settledAt: settled.get(about) ?? null,
      entries: own.map((entry) => ({
        ...{ kind: entry.kind, at: entry.at, by: nameOf(entry.by), recordedAt: entry.recordedAt },
        ...{ recipient: entry.recipient, file: entry.file, sha256: entry.sha256 },
      })),
    };
  });
}

/** The last word counts; those before stay in the record. */
function answerOf(
  entries: readonly NoticeEntryRow[],
  notice: ReadNotice,
  nameOf: (id: string) => string,
): NoticeView['answer'] {
  const last = entries.findLast((entry) => entry.kind === 'answered');
  if (last === undefined || last.answer === null) return null;
  return {
    ...{ answer: last.answer, remark: last.remark ?? '', at: last.at, by: nameOf(last.by) },
    onBehalf: last.by !== notice.personId,
  };
}

/** When an answer could not help any more: the plan was decided on, or its run began. */
export function settledAt({ plans }: Services, { occasion }: ReadNotice): string | null {
  if (occasion.subject === 'approval')
    return plans.getApproval(occasion.subjectId)?.decision?.decidedAt ?? null;
  if (occasion.subject !== 'plan') return null;
  const runs = plans.listRuns().filter((run) => run.planId === occasion.subjectId);
  return runs.map((run) => run.startedAt).toSorted()[0] ?? null;
}

/** One page for each person and customer, or for a party that nobody here stands for: a page is handed over whole. */
export function pagesOf(
  services: Services,
  notices: readonly ReadNotice[],
  by: string,
): { readonly page: NoticePage; readonly notices: readonly ReadNotice[] }[] {
  const { site } = services;
  const groups = new Map<string, ReadNotice[]>();
  for (const notice of notices) {
    const key = JSON.stringify([notice.party, notice.occasion.customer, notice.personId]);
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  return [...groups.values()].map((group) => {
    const ordered = group.toSorted((a, b) => a.row - b.row);
    const [first] = ordered;
    if (first === undefined) throw new Error('a page without a notice');
    const person = first.personId === null ? undefined : site.findPerson(first.personId);
    const { customer } = first.occasion;
    const page = {
      ...{ site: site.getSetting('site.name') ?? '', marking: site.getSetting('site.marking') ?? '' },
      ...{
        declaration: declarationOf(services),
        to:
          person?.name ??
          `Whoever answers for ${customer === null || customer === '' ? `the ${first.party}` : customer}`,
      },
      ...{ party: first.party, customer, made: services.now(), by },
      items: ordered.map(({ id, letter, occasion }) => ({
        ...{ id, letter, element: occasion.element, text: occasion.text, at: occasion.at },
      })),
    };
    return { page: { ...page, text: formatPage(page) }, notices: ordered };
  });
}
