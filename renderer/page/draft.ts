import { z } from 'zod';
import { ReviewError } from '../../contract/errors.ts';
import { DraftRow } from '../../contract/reviews.ts';

/** What a person has thought about one pack so far: kept by the browser where it keeps anything for files, and in a file of theirs. */
const draftSchema = z.strictObject({
  format: z.literal('sallyport-draft/1'),
  packSha256: z.string(),
  rows: z.array(DraftRow).max(200_000),
});

export type DraftStorage = Pick<Storage, 'getItem' | 'setItem'>;

const keyOf = (packSha256: string): string => `sallyport.draft.${packSha256}`;

export function formatDraft(packSha256: string, rows: readonly DraftRow[]): string {
  return JSON.stringify({ format: 'sallyport-draft/1', packSha256, rows });
}

/** @throws ReviewError REVIEW_CONTENT_INVALID, REVIEW_PACK_DIFFERS */
export function parseDraft(text: string, packSha256: string): DraftRow[] {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // The schema refuses null.
  }
  const parsed = draftSchema.safeParse(value);
  if (!parsed.success) {
    throw new ReviewError('REVIEW_CONTENT_INVALID', 'This is no draft that was saved by this page.', {
      hint: 'Choose the file that you saved with "Save my draft".',
    });
  }
  if (parsed.data.packSha256 !== packSha256) {
    throw new ReviewError('REVIEW_PACK_DIFFERS', 'This draft is about another list.', {
      hint: 'Open the page of the list that you began with.',
    });
  }
  return parsed.data.rows;
}

/** The draft that the browser kept, or none: some keep nothing for pages that come from a file. */
export function loadDraft(storage: DraftStorage | null, packSha256: string): DraftRow[] {
  try {
    const text = storage?.getItem(keyOf(packSha256)) ?? null;
    return text === null ? [] : parseDraft(text, packSha256);
  } catch {
    return [];
  }
}

/** Whether the browser kept it. */
export function keepDraft(
  storage: DraftStorage | null,
  packSha256: string,
  rows: readonly DraftRow[],
): boolean {
  try {
    if (storage === null) return false;
    storage.setItem(keyOf(packSha256), formatDraft(packSha256, rows));
    return true;
  } catch {
    return false;
  }
}

/** `null` where the browser gives a page from a file none. */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
