import { SearchX } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { ReviewPatchDetail, ReviewRow } from '../../contract/reviews.ts';
import { Button } from '../components/button.tsx';
import { DataTable, type RowSource } from '../components/data-table.tsx';
import { useKeys } from '../components/keys.tsx';
import { Empty } from '../components/notes.tsx';
import { DecideBar, type Worded } from './decide-bar.tsx';
import { columnsOf } from './decide-columns.tsx';
import { DecideDetail } from './decide-detail.tsx';
import { DecideHead } from './decide-head.tsx';
import { DecideHelp } from './decide-help.tsx';
import type { DecideState } from './decide-store.ts';
import { DecideTools } from './decide-tools.tsx';

const ROW_HEIGHT = 46;

/**
 * A list to decide, like mail: what it is, the rows, the row in hand beside them, the decision below. Knows neither the engine nor the
 * application: whoever shows it gives the store, what reads an endpoint list, and the buttons that end the work (sign, export).
 */
export function DecideSheet(props: {
  readonly store: StoreApi<DecideState>;
  readonly detailOf: (patch: string) => Promise<ReviewPatchDetail>;
  readonly bar?: ReactNode;
  /** What is to be known before anything is decided. */
  readonly notes?: ReactNode;
}) {
  const { store } = props;
  const state = store.getState();
  const root = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState<Worded | null>(null);
  const [help, setHelp] = useState(false);
  const activePatch = useStore(store, (now) => now.active);
  const draft = useStore(store, (now) => now.draft);
  const announced = useStore(store, (now) => now.announced);
  const active = activePatch === null ? undefined : state.rowOf(activePatch);
  const now = useSlowNow(state.now);

  const toGrid = (): void => root.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  const mayAsk = state.sheet.mayDecide && asking === null;
  useHelpKey(() => setHelp(true));
  useKeys(
    {
      '/': () => search.current?.focus(),
      J: () => store.getState().extend(1),
      K: () => store.getState().extend(-1),
      Escape: () => store.getState().clearSelection(),
    },
    asking === null,
  );
  useKeys(
    {
      a: () => store.getState().decide('approve'),
      r: () => setAsking('reject'),
      d: () => setAsking('defer'),
      q: () => setAsking('ask'),
      c: () => store.getState().clear(),
      u: () => store.getState().undo(),
    },
    mayAsk,
  );

  return (
    <div
      className="decide"
      ref={root}
      onKeyDown={(event) => {
        const { target } = event;
        const types = target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
        const isAll = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a';
        if (!isAll || types || event.defaultPrevented) return;
        event.preventDefault();
        store.getState().toggleAll();
      }}
    >
      <DecideHead head={state.sheet.head} now={state.now} />
      {props.notes}
      <DecideTools store={store} searchRef={search} onHelp={() => setHelp(true)} />
      <div className="decide-main">
        <DecideList
          store={store}
          now={now}
          onOpen={() => root.current?.querySelector<HTMLElement>('.decide-detail')?.focus()}
        />
        <aside className="decide-detail scroll" aria-label="The patch in hand" tabIndex={0}>
          {active === undefined ? (
            <p className="soft">No patch is chosen.</p>
          ) : (
            <DecideDetail row={active} draft={draft.get(active.patch)} now={now} detailOf={props.detailOf} />
          )}
        </aside>
      </div>
      <DecideBar
        store={store}
        asking={asking}
        onAsk={(verdict) => {
          setAsking(verdict);
          if (verdict === null) toGrid();
        }}
      >
        {props.bar}
      </DecideBar>
      <div className="unseen" role="status" aria-live="polite">
        {announced}
      </div>
      {help && <DecideHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

function DecideList(props: {
  readonly store: StoreApi<DecideState>;
  readonly now: number;
  readonly onOpen: () => void;
}) {
  const { store } = props;
  const actions = store.getState();
  const { rows } = actions.sheet;
  const shown = useStore(store, (state) => state.shown);
  const active = useStore(store, (state) => state.active);
  const selected = useStore(store, (state) => state.selected);
  const sort = useStore(store, (state) => state.sort);
  const draft = useStore(store, (state) => state.draft);
  const columns = useMemo(() => columnsOf(draft, props.now), [draft, props.now]);
  const source = useMemo<RowSource<ReviewRow>>(
    () => ({ count: shown.length, at: (index) => rows[shown[index] ?? -1] }),
    [shown, rows],
  );
  // Of these rows: `positionOf` looks at what the store shows, which is `shown`.
  const activeIndex = useStore(store, (state) => state.positionOf(state.active));
  /** Shift was held with the click that is being handled. */
  const shift = useRef(false);
  const choose = useCallback(
    (row: ReviewRow) => {
      if (shift.current) store.getState().selectTo(row.patch);
      else store.getState().activate(row.patch);
    },
    [store],
  );
  return (
    <div
      className="decide-list"
      onClickCapture={(event) => {
        shift.current = event.shiftKey;
      }}
      onKeyDownCapture={(event) => {
        shift.current = false;
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (!event.shiftKey || step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        actions.extend(step);
      }}
    >
      <DataTable
        label="Patches to decide"
        columns={columns}
        rows={source}
        keyOf={patchOf}
        activeKey={active}
        activeIndex={activeIndex}
        onActivate={choose}
        onOpen={props.onOpen}
        selected={selected}
        onToggle={(row) => (shift.current ? actions.selectTo(row.patch) : actions.toggle(row.patch))}
        onToggleAll={actions.toggleAll}
        sort={sort}
        onSort={actions.setSort}
        rowHeight={ROW_HEIGHT}
        primary
        empty={
          <Empty
            icon={SearchX}
            title="Nothing is left with these words"
            action={<Button onPress={() => actions.setFilter('')}>Show everything</Button>}
          />
        }
      />
    </div>
  );
}

function patchOf(row: ReviewRow): string {
  return row.patch;
}

/** To the minute: the clocks of the rows show days. */
function useSlowNow(read: () => number): number {
  const [now, setNow] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setNow(read()), 60_000);
    return () => clearInterval(timer);
  }, [read]);
  return now;
}

/** `?` shows the keys of this list, before a frame around it shows its own. */
function useHelpKey(show: () => void): void {
  const shown = useRef(show);
  useEffect(() => {
    shown.current = show;
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target instanceof HTMLElement && target.closest('input, textarea, select, .overlay') !== null)
        return;
      if (document.querySelector('.overlay, .popover') !== null) return;
      event.preventDefault();
      shown.current();
    };
    document.addEventListener('keydown', listener, { capture: true });
    return () => document.removeEventListener('keydown', listener, { capture: true });
  }, []);
}
