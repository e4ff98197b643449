import type { CarriedDraft } from '../../contract/queue.ts';
import { carryDraft } from '../core/review/carry-draft.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import type { Services } from './services.ts';

/**
 * Gives everybody on a new list what they drafted on the one that it takes the place of, as far as it is still about the same. What
 * was drafted there stays there. For the transaction that keeps the new list.
 */
export function carryDrafts(services: Services, before: string | undefined, pack: ReviewPack): void {
  const { queue, readPacks } = services;
  const persons = before === undefined ? [] : queue.draftersOf(before);
  const old = before === undefined || persons.length === 0 ? null : readPacks.get(before);
  if (before === undefined || old === null) return;
  for (const personId of persons) {
    const { carried } = carryDraft(queue.draftOf(before, personId), old, pack);
    queue.saveDraft(pack.packId, personId, carried, []);
  }
}

/** What was carried over for a person to a list, and what was not; `null`: they had drafted nothing on the one before. */
export function carriedDraft(services: Services, packId: string, personId: string): CarriedDraft | null {
  const before = services.reviews.listPacks().find((row) => row.supersededBy === packId)?.id;
  const draft = before === undefined ? [] : services.queue.draftOf(before, personId);
  const old = before === undefined || draft.length === 0 ? null : services.readPacks.get(before);
  const pack = services.readPacks.get(packId);
  if (old === null || pack === null) return null;
  const { carried, left } = carryDraft(draft, old, pack);
  const names = new Map(old.patches.map(({ sha256, package: name, version }) => [sha256, { name, version }]));
  return {
    carried: carried.length,
    left: left.map(({ patch, verdict }) => {
      const { name = '', version = '' } = names.get(patch) ?? {};
      return { patch, package: name, version, verdict };
    }),
  };
}
