import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DraftRow, ReviewRow, ReviewSheet, SheetPart, Verdict } from '../../contract/reviews.ts';
import type { TableSort } from '../components/table-sort.ts';
import { countOf } from '../format/figures.ts';
import { parseFilter, searchTextOf } from './decide-filter.ts';
import { BY_RISK, orderRows } from './decide-sort.ts';
import { readViews, writeViews, type SavedView, type ViewStorage } from './decide-views.ts';
import { VERDICT_DONE } from './decide-words.ts';

/** How the list stands. `closed`: the customer's policy leaves nothing to decide, and nobody did. Always adds up to all rows. */
export interface DecideCounts {
  readonly undecided: number;
  readonly closed: number;
  readonly approve: number;
  readonly reject: number;
  readonly defer: number;
  readonly ask: number;
}

export type Saving = 'saved' | 'saving' | 'failed';

/** Whether all rows are here. Until then nobody can select all of them, or sign. */
export type Reading = 'complete' | 'reading' | 'failed';

export interface DecideState {
  /** `rows` grows while the list is being read; {@link DecideState.loaded} says how far it is. */
  readonly sheet: ReviewSheet;
  readonly loaded: number;
  readonly reading: Reading;
  readonly filter: string;
  readonly unknownWords: readonly string[];
  readonly sort: TableSort;
  /** What the filter shows, in order: indexes into `sheet.rows`. */
  readonly shown: Int32Array;
  readonly active: string | null;
  readonly selected: ReadonlySet<string>;
  readonly draft: ReadonlyMap<string, DraftRow>;
  readonly counts: DecideCounts;
  readonly canUndo: boolean;
  /** What was done last, in words: for the live region and beside the undo button. */
  readonly announced: string;
  readonly saving: Saving;
  readonly views: readonly SavedView[];
  /** The clock of whoever shows the list, milliseconds. */
  readonly now: () => number;
  readonly rowOf: (patch: string) => ReviewRow | undefined;
  /** Where a row stands in what is shown; -1: it is not. */
  readonly positionOf: (patch: string | null) => number;
  /** Reads the rows that are not here yet, part by part. Resolves when all are, one could not be read, or it was stopped. */
  readonly readRest: () => Promise<void>;
  /** Whoever showed the list has gone. */
  readonly stop: () => void;
  readonly setFilter: (words: string) => void;
  readonly setSort: (column: string) => void;
  readonly applyView: (view: SavedView) => void;
  readonly saveView: (name: string) => void;
  readonly removeView: (name: string) => void;
  readonly activate: (patch: string) => void;
  readonly toggle: (patch: string) => void;
  /** Selects from the last row that was chosen to this one. */
  readonly selectTo: (patch: string) => void;
  /** Moves by so many rows and selects what lies between. */
  readonly extend: (by: number) => void;
  /** All that the filter shows, or none of it if all were. */
  readonly toggleAll: () => void;
  readonly clearSelection: () => void;
  /** What a decision would be about now: the selection, else the row in hand. */
  readonly targets: () => readonly string[];
  readonly decide: (
    verdict: Verdict,
    words?: Partial<Pick<DraftRow, 'reason' | 'until' | 'control'>>,
  ) => void;
  /** Whether {@link DecideState.clear} would take anything back. */
  readonly canClear: () => boolean;
  /** Takes the decision back from what it would be about now: undecided again. */
  readonly clear: () => void;
  readonly undo: () => void;
  /** Resolves when everything decided so far has been saved or failed to be. */
  readonly flush: () => Promise<void>;
}

export interface DecideOptions {
  /** Called with what changed since the last call that succeeded; never twice at a time. */
  readonly save: (rows: readonly DraftRow[], removed: readonly string[]) => Promise<void> | void;
  readonly now: () => number;
  /** For a sheet that is only a part of its list, the most pressing first: reads another part, and rejects when it can't. */
  readonly readPart?: (part: SheetPart) => Promise<Pick<ReviewSheet, 'rows' | 'draft'>>;
  /** Where named views are kept; left out, they last as long as the list is open. */
  readonly storage?: ViewStorage;
}

/** Rows of a list that are asked for first, to be drawn at once, and at a time after that: what the window can take in between two frames. */
export const FIRST_ROWS = 150;
const PART_ROWS = 2_000;

/** Approving is no way round what the customer's own policy keeps out. */
export function mayApprove(row: ReviewRow): boolean {
  return row.standing !== 'excluded' && row.standing !== 'out-of-scope';
}

/** The list to decide: the same in the queue of the site, in the Review workspace and in the page in a browser. */
export function createDecideStore(opened: ReviewSheet, options: DecideOptions): StoreApi<DecideState> {
  const rows = [...opened.rows];
  const sheet = { ...opened, rows };
  const indexOf = new Map(rows.map((row, index) => [row.patch, index]));
  const texts = rows.map(searchTextOf);
  let order = orderRows(rows, BY_RISK);
  /** For undo: what each patch of the last action had before it. */
  let before: readonly (readonly [string, DraftRow | undefined])[] = [];
  /** Where a range begins. */
  let anchor: string | null = null;
  const dirty = new Set<string>();
  let underWay: Promise<void> | null = null;
  /** Which reading of the rest counts: a later one, or a stop, ends it. */
  let turn = 0;

  return createStore<DecideState>()((set, get) => {
    const show = (words: string, draft: ReadonlyMap<string, DraftRow>, of = order): Int32Array => {
      const filter = parseFilter(words);
      if (filter.keepsAll) return of;
      const now = options.now();
      return of.filter((index) => {
        const row = rows[index];
        if (row === undefined) return false;
        const verdict = filter.looksAtDraft ? draft.get(row.patch) : undefined;
        return filter.keeps(row, texts[index] ?? '', verdict, now);
      });
    };
    const patchAt = (shown: Int32Array, at: number): string | null => rows[shown[at] ?? -1]?.patch ?? null;
    const positionOf = (patch: string | null): number =>
      patch === null ? -1 : get().shown.indexOf(indexOf.get(patch) ?? -1);

    const saveDirty = async (): Promise<void> => {
      while (dirty.size > 0) {
        const patches = [...dirty];
        dirty.clear();
        const { draft } = get();
        const changed = patches.flatMap((patch) => draft.get(patch) ?? []);
        set({ saving: 'saving' });
        try {
          await options.save(
            changed,
            patches.filter((patch) => !draft.has(patch)),
          );
        } catch {
          for (const patch of patches) dirty.add(patch);
          set({ saving: 'failed' });
          return;
        }
      }
      set({ saving: 'saved' });
    };
    const flush = (): Promise<void> => {
      underWay ??= saveDirty().finally(() => {
        underWay = null;
      });
      return underWay;
    };

    /** Puts new verdicts in place; the list follows if the filter looks at verdicts. */
    const apply = (
      changes: readonly (readonly [string, DraftRow | undefined])[],
      announced: string,
      undoable: boolean,
    ): void => {
      const state = get();
      const draft = new Map(state.draft);
      before = undoable ? changes.map(([patch]) => [patch, state.draft.get(patch)]) : [];
      for (const [patch, row] of changes) {
        if (row === undefined) draft.delete(patch);
        else draft.set(patch, row);
        dirty.add(patch);
      }
      const at = Math.max(0, positionOf(state.active));
      const shown = parseFilter(state.filter).looksAtDraft ? show(state.filter, draft) : state.shown;
      const stillShown = shown === state.shown || shown.includes(indexOf.get(state.active ?? '') ?? -1);
      const active = stillShown ? state.active : patchAt(shown, Math.min(at, shown.length - 1));
      set({ draft, shown, active, announced, canUndo: undoable, counts: count(rows, draft) });
      void flush();
    };

    const setShown = (words: string): void => {
      const state = get();
      const shown = show(words, state.draft);
      const keeps = state.active !== null && shown.includes(indexOf.get(state.active) ?? -1);
      set({
        ...{ filter: words, unknownWords: parseFilter(words).unknown, shown },
        active: keeps ? state.active : patchAt(shown, 0),
        // What is out of sight must not be decided by accident.
        selected: state.selected.size === 0 ? state.selected : narrow(state.selected, shown, rows),
      });
    };

    /** More rows, each less pressing than all before. What is in hand and what is selected stays. */
    const append = (more: readonly ReviewRow[], drafted: readonly DraftRow[]): void => {
      const state = get();
      const from = rows.length;
      for (const row of more) {
        indexOf.set(row.patch, rows.length);
        rows.push(row);
        texts.push(searchTextOf(row));
      }
      const draft = new Map(state.draft);
      for (const row of drafted) draft.set(row.patch, row);
      let shown: Int32Array;
      if (isByRisk(state.sort)) {
        const added = Int32Array.from(more, (_, at) => from + at);
        order = join(order, added);
        shown = join(state.shown, show(state.filter, draft, added));
      } else {
        order = orderRows(rows, state.sort);
        shown = show(state.filter, draft);
      }
      const isComplete = rows.length >= sheet.total;
      set({
        ...{ draft, shown, loaded: rows.length, counts: count(rows, draft) },
        active: state.active ?? patchAt(shown, 0),
        ...(isComplete ? { reading: 'complete', announced: `All ${totalWords()} are here` } : {}),
      });
    };
    const totalWords = (): string => countOf(sheet.total, 'patch', 'patches');

    const draft = new Map(sheet.draft.filter((row) => indexOf.has(row.patch)).map((row) => [row.patch, row]));
    const first = show('', draft);
    return {
      ...{ loaded: rows.length, reading: rows.length < sheet.total ? 'reading' : 'complete' },
      ...{ sheet, filter: '', unknownWords: [], sort: BY_RISK, shown: first, active: patchAt(first, 0) },
      ...{ selected: new Set<string>(), draft, counts: count(rows, draft), canUndo: false },
      ...{ announced: '', saving: 'saved', views: readViews(options.storage), now: options.now },
      rowOf: (patch) => rows[indexOf.get(patch) ?? -1],
      positionOf,
      async readRest() {
        const { readPart } = options;
        if (readPart === undefined) return;
        if (rows.length < sheet.total) set({ reading: 'reading' });
        const mine = ++turn;
        while (rows.length < sheet.total && mine === turn) {
          try {
            const part = await readPart({ from: rows.length, count: PART_ROWS });
            if (mine !== turn) return;
            if (part.rows.length === 0) throw new Error('The list ended before its end.');
            append(part.rows, part.draft);
          } catch {
            if (mine === turn) set({ reading: 'failed' });
            return;
          }
        }
      },
      stop() {
        turn += 1;
      },
      setFilter: setShown,
      setSort(column) {
        const { sort, filter, draft: now } = get();
        const descending = sort.column === column ? !sort.descending : column !== 'package';
        order = orderRows(rows, { column, descending });
        set({ sort: { column, descending }, shown: show(filter, now) });
      },
      applyView(view) {
        order = orderRows(rows, view.sort);
        set({ sort: view.sort });
        setShown(view.filter);
      },
      saveView(name) {
        const { filter, sort, views } = get();
        const next = [...views.filter((view) => view.name !== name), { name, filter, sort }];
        writeViews(options.storage, next);
        set({ views: next, announced: `View ${name} saved` });
      },
      removeView(name) {
        const next = get().views.filter((view) => view.name !== name);
        writeViews(options.storage, next);
        set({ views: next, announced: `View ${name} removed` });
      },
      activate(patch) {
        anchor = patch;
        set({ active: patch });
      },
      toggle(patch) {
        const selected = new Set(get().selected);
        if (!selected.delete(patch)) selected.add(patch);
        anchor = patch;
        set({ selected, active: patch, announced: `${countOf(selected.size, 'patch', 'patches')} selected` });
      },
      selectTo(patch) {
        const [from, to] = [positionOf(anchor ?? get().active), positionOf(patch)].sort((a, b) => a - b);
        const selected = new Set(get().selected);
        for (let at = Math.max(0, from ?? 0); at <= (to ?? -1); at += 1) {
          const each = patchAt(get().shown, at);
          if (each !== null) selected.add(each);
        }
        set({ selected, active: patch, announced: `${countOf(selected.size, 'patch', 'patches')} selected` });
      },
      extend(by) {
        const { shown, active } = get();
        const to = patchAt(shown, Math.max(0, Math.min(shown.length - 1, positionOf(active) + by)));
        if (to !== null) get().selectTo(to);
      },
      toggleAll() {
        const { shown, selected, reading } = get();
        // Of a list that is still being read "all" would be less than it says.
        if (reading !== 'complete') {
          set({ announced: `Not selected: only ${rows.length} of ${totalWords()} are here yet` });
          return;
        }
        const all = selected.size >= shown.length && shown.length > 0;
        const next = new Set<string>();
        if (!all) for (const index of shown) next.add(rows[index]?.patch ?? '');
        set({
          selected: next,
          announced: all
            ? 'Nothing selected'
            : `All ${countOf(next.size, 'patch', 'patches')} shown are selected`,
        });
      },
      clearSelection: () => set({ selected: new Set(), announced: 'Nothing selected' }),
      targets() {
        const { selected, active } = get();
        return selected.size > 0 ? [...selected] : active === null ? [] : [active];
      },
      decide(verdict, words = {}) {
        if (!sheet.mayDecide) return;
        const state = get();
        const targets = state.targets();
        const single = state.selected.size === 0;
        const allowed =
          verdict === 'approve'
            ? targets.filter((patch) => {
                const row = state.rowOf(patch);
                return row !== undefined && mayApprove(row);
              })
            : targets;
        const left = targets.length - allowed.length;
        const name = single ? (state.rowOf(targets[0] ?? '')?.package ?? '') : '';
        if (allowed.length === 0) {
          if (targets.length > 0)
            set({ announced: `Not approved: the customer’s policy keeps ${single ? name : 'them'} out` });
          return;
        }
        const at = positionOf(state.active);
        const length = state.shown.length;
        apply(
          allowed.map((patch) => [
            patch,
            { patch, verdict, reason: '', until: null, control: '', ...words } satisfies DraftRow,
          ]),
          `${single ? name : countOf(allowed.length, 'patch', 'patches')} ${VERDICT_DONE[verdict]}` +
            (left === 0 ? '' : `, ${countOf(left, 'patch', 'patches')} left out by policy`),
          true,
        );
        // The next row is in hand at once, unless the list has closed up around the one that went.
        if (single && get().shown.length === length)
          set({ active: patchAt(get().shown, Math.min(at + 1, length - 1)) });
        if (!single) set({ selected: new Set() });
      },
      canClear() {
        const { active, selected, draft: now } = get();
        if (selected.size === 0) return active !== null && now.has(active);
        for (const patch of selected) if (now.has(patch)) return true;
        return false;
      },
      clear() {
        if (!sheet.mayDecide) return;
        const state = get();
        const targets = state.targets().filter((patch) => state.draft.has(patch));
        if (targets.length === 0) {
          set({ announced: 'Nothing to take back: undecided already' });
          return;
        }
        apply(
          targets.map((patch) => [patch, undefined]),
          `${countOf(targets.length, 'decision')} taken back`,
          true,
        );
        if (state.selected.size > 0) set({ selected: new Set() });
      },
      undo() {
        if (before.length === 0) return;
        const undone = before;
        apply(undone, `Undone: ${countOf(undone.length, 'patch', 'patches')} as before`, false);
        const only = undone.length === 1 ? undone[0]?.[0] : undefined;
        if (only !== undefined && positionOf(only) >= 0) set({ active: only });
      },
      flush,
    };
  });
}

function isByRisk(sort: TableSort): boolean {
  return sort.column === BY_RISK.column && sort.descending === BY_RISK.descending;
}

function join(a: Int32Array, b: Int32Array): Int32Array {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function narrow(
  selected: ReadonlySet<string>,
  shown: Int32Array,
  rows: readonly ReviewRow[],
): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const index of shown) {
    const patch = rows[index]?.patch ?? '';
    if (selected.has(patch)) kept.add(patch);
  }
  return kept;
}

function count(rows: readonly ReviewRow[], draft: ReadonlyMap<string, DraftRow>): DecideCounts {
  const counts = { undecided: 0, closed: 0, approve: 0, reject: 0, defer: 0, ask: 0 };
  for (const row of rows) {
    const verdict = draft.get(row.patch)?.verdict;
    counts[verdict ?? (row.standing === 'decide' ? 'undecided' : 'closed')] += 1;
  }
  return counts;
}
