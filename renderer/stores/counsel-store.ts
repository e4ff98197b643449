import { createStore, type StoreApi } from 'zustand/vanilla';
import type { InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { QuestionView } from '../../contract/queue.ts';
import type { ImportedDecision } from '../../contract/reviews.ts';
import type { SheetReading, SheetRowView, SheetView } from '../../contract/sheets.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** What passes between site and customer beside signed decisions: spreadsheets, questions, the provider's own check. */
export interface CounselState {
  readonly sheets: Loaded<SheetView[]>;
  /** Every question of every list, answered or not. */
  readonly questions: Loaded<QuestionView[]>;
  readonly refresh: () => Promise<void>;
  readonly readSheet: (file: string) => Promise<Reply<SheetReading>>;
  readonly importSheet: (file: string, saidBy: string) => Promise<Reply<SheetView>>;
  readonly sheetRows: (id: string) => Promise<Reply<SheetRowView[]>>;
  readonly countersign: (input: InputOf<'reviews.countersign'>) => Promise<Reply<ImportedDecision>>;
  readonly recordQuality: (input: InputOf<'quality.record'>) => Promise<Reply<OutputOf<'quality.record'>>>;
  readonly answer: (question: QuestionView, answer: string) => Promise<Reply<QuestionView>>;
}
export type CounselStore = StoreApi<CounselState>;

export function createCounselStore(client: Client): CounselStore {
  const store = createStore<CounselState>()((set, get) => {
    const after = async <T>(reply: Promise<Reply<T>>): Promise<Reply<T>> => {
      const answer = await reply;
      if (answer.ok) await get().refresh();
      return answer;
    };
    return {
      sheets: NOT_LOADED,
      questions: NOT_LOADED,
      async refresh() {
        set((before) => ({
          sheets: beginLoading(before.sheets),
          questions: beginLoading(before.questions),
        }));
        const [sheets, questions] = await Promise.all([
          client.invoke('reviews.sheets', {}),
          client.invoke('questions.list', {}),
        ]);
        set((before) => ({
          sheets: endLoading(before.sheets, sheets),
          questions: endLoading(before.questions, questions),
        }));
      },
      readSheet: (file) => client.invoke('reviews.readSheet', { file }),
      importSheet: (file, saidBy) => after(client.invoke('reviews.importSheet', { file, saidBy })),
      sheetRows: (id) => client.invoke('reviews.sheetRows', { id }),
      countersign: (input) => after(client.invoke('reviews.countersign', input)),
      recordQuality: (input) => client.invoke('quality.record', input),
      answer: ({ packId, patch, askedById }, answer) =>
        after(client.invoke('questions.answer', { packId, patch, askedById, answer })),
    };
  });
  refreshOn(client, ['approvals'], () => {
    if (store.getState().sheets.value !== null) void store.getState().refresh();
  });
  return store;
}

/** Unsigned sheets of a list for which fewer stand than have to approve. */
export function waitingSheets(sheets: readonly SheetView[] | null, packId: string): readonly SheetView[] {
  return (sheets ?? []).filter(
    (sheet) => sheet.packId === packId && sheet.countersigned.length < sheet.approvers,
  );
}
