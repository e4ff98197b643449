import type { QuestionView } from '../../contract/queue.ts';
import type { PackPatch } from '../core/review/review-pack.ts';
import type { Services } from './services.ts';

/** What customers asked in their decisions, newest pack first, with the site's answers. */
export function listQuestions(services: Services, customer?: string): QuestionView[] {
  const { queue, readPacks, reviews, site } = services;
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  return reviews.listPacks().flatMap(({ id: packId }) => {
    if (customer !== undefined && queue.findFacts(packId)?.customer !== customer) return [];
    const asked = readPacks.askedOn(packId);
    if (asked.length === 0) return [];
    const patches = new Map(readPacks.get(packId)?.patches.map((patch) => [patch.sha256, patch]));
    const answers = new Map(queue.answersOf(packId).map((item) => [`${item.patch} ${item.askedBy}`, item]));
    return asked.flatMap(({ personId, mark, row }): QuestionView[] => {
      const patch = patches.get(row.patch);
      const answer = answers.get(`${row.patch} ${personId}`);
      if (patch === undefined) return [];
      return [
        {
          ...{ packId, patch: row.patch, package: patch.package, version: patch.version },
          ...{ askedById: personId, askedBy: askerOf(nameOf(personId), mark), question: row.reason },
          answer: answer?.answer ?? null,
          answeredBy: answer === undefined ? null : nameOf(answer.answeredBy),
        },
      ];
    });
  });
}

/** For people: a question in a spreadsheet is the customer's, and the person who countersigned it stands for it. */
const askerOf = (name: string, mark: string | null): string => (mark === null ? name : `${name} (${mark})`);

/** Answered questions of a customer's earlier lists, by `package:arch`, oldest first: they go into the next one. */
export function answersTo(services: Services, customer: string): Map<string, PackPatch['answers']> {
  const found = new Map<string, PackPatch['answers']>();
  for (const item of listQuestions(services, customer).toReversed()) {
    if (item.answer === null || item.answeredBy === null) continue;
    const patch = services.readPacks.get(item.packId)?.patches.find((row) => row.sha256 === item.patch);
    if (patch === undefined) continue;
    const key = `${patch.package}:${patch.arch}`;
    const { question, askedBy: by, answer, answeredBy } = item;
    found.set(key, [...(found.get(key) ?? []), { question, by, answer, answeredBy }].slice(-100));
  }
  return found;
}
