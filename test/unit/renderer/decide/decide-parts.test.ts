import { describe, expect, it } from 'vitest';
import { riskOf } from '../../../../contract/review-order.ts';
import type { ReviewSheet, SheetPart } from '../../../../contract/reviews.ts';
import { createDecideStore } from '../../../../renderer/decide/decide-store.ts';
import { sheetFor } from '../../../e2e/gallery/fixtures/lists.ts';

const NOW = Date.parse('2026-11-24T09:00:00Z');
const whole = sheetFor(true);
const pressing = whole.rows.toSorted(
  (a, b) => riskOf(b) - riskOf(a) || (a.package < b.package ? -1 : a.package > b.package ? 1 : 0),
);

/** As an engine sends it. */
function partOf({ from, count }: SheetPart): ReviewSheet {
  const rows = pressing.slice(from, from + count);
  const here = new Set(rows.map((row) => row.patch));
  return { ...whole, rows, draft: whole.draft.filter((row) => here.has(row.patch)) };
}

/** Opened with the first rows; every further part waits until it is let through, ten rows at most. */
function openInParts(first: number) {
  const waiting: (() => void)[] = [];
  let fails = false;
  const store = createDecideStore(partOf({ from: 0, count: first }), {
    now: () => NOW,
    save: () => undefined,
    readPart: ({ from }) =>
      new Promise((resolve, reject) => {
        waiting.push(() => (fails ? reject(new Error('lost')) : resolve(partOf({ from, count: 10 }))));
      }),
  });
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    store,
    pass: async (times = 1) => {
      for (let each = 0; each < times; each += 1) {
        waiting.shift()?.();
        await settle();
      }
    },
    fail: (does: boolean) => void (fails = does),
  };
}

describe('a list that is read in parts', () => {
  it('ends up as the list that was read at once, row for row', async () => {
    const { store, pass } = openInParts(7);
    const all = createDecideStore(whole, { now: () => NOW, save: () => undefined }).getState();
    const done = store.getState().readRest();
    await pass(6);
    await done;
    const now = store.getState();
    const names = (state: typeof now): (string | undefined)[] =>
      [...state.shown].map((index) => state.sheet.rows[index]?.patch);
    expect(now.reading).toBe('complete');
    expect(names(now)).toEqual(names(all));
    expect(now.counts).toEqual(all.counts);
    expect([...now.draft.keys()].toSorted()).toEqual([...all.draft.keys()].toSorted());
  });

  it('keeps what is filtered, sorted, decided and in hand while more comes', async () => {
    const { store, pass } = openInParts(7);
    void store.getState().readRest();
    const first = pressing[0]?.patch ?? '';
    store.getState().decide('approve');
    store.getState().setSort('package');
    store.getState().setFilter('-severity:low undecided');
    const inHand = store.getState().active;
    await pass(6);
    const { shown, sheet, active, draft } = store.getState();
    expect(active).toBe(inHand);
    expect(draft.get(first)?.verdict).toBe('approve');
    const rows = [...shown].map((index) => sheet.rows[index]);
    expect(rows.length).toBeGreaterThan(7);
    expect(rows.every((row) => row?.severity.toLowerCase() !== 'low' && !draft.has(row?.patch ?? ''))).toBe(
      true,
    );
    const names = rows.map((row) => row?.package ?? '');
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it('selects all only when all are here', async () => {
    const { store, pass } = openInParts(7);
    void store.getState().readRest();
    await pass(1);
    store.getState().toggleAll();
    expect(store.getState().selected.size).toBe(0);
    expect(store.getState().announced).toBe(`Not selected: only 17 of ${whole.total} patches are here yet`);
    await pass(5);
    store.getState().toggleAll();
    expect(store.getState().selected.size).toBe(whole.total);
  });

  it('says that a part could not be read, and goes on from there when told to', async () => {
    const { store, pass, fail } = openInParts(7);
    void store.getState().readRest();
    await pass(1);
    fail(true);
    await pass(1);
    expect(store.getState()).toMatchObject({ reading: 'failed', loaded: 17 });
    fail(false);
    void store.getState().readRest();
    await pass(5);
    expect(store.getState()).toMatchObject({ reading: 'complete', loaded: whole.total });
  });

  it('reads no further once nobody shows it, and no row twice when it is shown again', async () => {
    const { store, pass } = openInParts(7);
    void store.getState().readRest();
    store.getState().stop();
    await pass(2);
    expect(store.getState().loaded).toBe(7);
    void store.getState().readRest();
    void store.getState().readRest();
    await pass(12);
    const patches = store.getState().sheet.rows.map((row) => row.patch);
    expect(new Set(patches).size).toBe(whole.total);
    expect(patches).toHaveLength(whole.total);
  });
});
