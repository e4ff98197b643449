import { Bookmark, Keyboard } from 'lucide-react';
import { useState, type Ref } from 'react';
import { useStore, type StoreApi } from 'zustand';
import { Button, IconButton } from '../components/button.tsx';
import { FilterChip, SearchField, SelectField, TextField } from '../components/fields.tsx';
import { countOf, formatCount } from '../format/figures.ts';
import { hasWord, toggleWord } from './decide-filter.ts';
import type { DecideState } from './decide-store.ts';
import { STANDARD_VIEWS } from './decide-views.ts';

const CHIPS: readonly (readonly [string, string])[] = [
  ['undecided', 'Undecided'],
  ['exploited', 'Exploited'],
  ['severe', 'Severe'],
  ['changed', 'Changed'],
  ['overdue', 'Overdue'],
  ['concern', 'Concern'],
  ['excluded', 'Kept out'],
];

/** The words that say what is shown, the same as chips, and the views kept under a name. */
export function DecideTools(props: {
  readonly store: StoreApi<DecideState>;
  readonly searchRef: Ref<HTMLInputElement>;
  readonly onHelp: () => void;
}) {
  const { store } = props;
  const { setFilter, toggleAll, clearSelection } = store.getState();
  const filter = useStore(store, (state) => state.filter);
  const shown = useStore(store, (state) => state.shown.length);
  const selected = useStore(store, (state) => state.selected.size);
  const unknown = useStore(store, (state) => state.unknownWords);
  const loaded = useStore(store, (state) => state.loaded);
  const reading = useStore(store, (state) => state.reading);
  const { total } = store.getState().sheet;
  return (
    <div className="decide-tools">
      <div className="decide-tools-line">
        <SearchField
          label="Filter: severity:high, group:Web, undecided"
          value={filter}
          onChange={setFilter}
          inputRef={props.searchRef}
        />
        <Views store={store} />
        <span className="spacer" />
        <IconButton label="Keys and words" icon={Keyboard} onPress={props.onHelp} />
      </div>
      <div className="decide-tools-line">
        <div className="chips" role="group" aria-label="Show only">
          {CHIPS.map(([word, label]) => (
            <FilterChip
              key={word}
              label={label}
              on={hasWord(filter, word)}
              onChange={() => setFilter(toggleWord(filter, word))}
            />
          ))}
        </div>
        <span className="spacer" />
        <span className="soft figures decide-count">
          {reading === 'reading'
            ? `Reading: ${formatCount(loaded)} of ${formatCount(total)}`
            : shown === total
              ? countOf(total, 'patch', 'patches')
              : `${formatCount(shown)} of ${countOf(total, 'patch', 'patches')}`}
        </span>
        {selected > 0 ? (
          <Button kind="quiet" onPress={clearSelection}>
            {`Unselect ${formatCount(selected)}`}
          </Button>
        ) : (
          <Button kind="quiet" disabled={shown === 0 || reading !== 'complete'} onPress={toggleAll}>
            {reading === 'complete' ? `Select all ${formatCount(shown)} shown` : 'Select all shown'}
          </Button>
        )}
      </div>
      {reading === 'failed' && (
        <p className="field-error" role="alert">
          Only {formatCount(loaded)} of {countOf(total, 'patch', 'patches')} could be read.{' '}
          <Button kind="quiet" onPress={() => void store.getState().readRest()}>
            Read the rest
          </Button>
        </p>
      )}
      {unknown.length > 0 && (
        <p className="field-error" role="status">
          No such word: {unknown.join(', ')}. Press ? for the words there are.
        </p>
      )}
    </div>
  );
}

function Views(props: { readonly store: StoreApi<DecideState> }) {
  const { store } = props;
  const filter = useStore(store, (state) => state.filter);
  const sort = useStore(store, (state) => state.sort);
  const saved = useStore(store, (state) => state.views);
  const [naming, setNaming] = useState<string | null>(null);
  const views = [...STANDARD_VIEWS, ...saved];
  const current = views.find(
    (view) =>
      view.filter === filter && view.sort.column === sort.column && view.sort.descending === sort.descending,
  );
  const isSaved = saved.some((view) => view.name === current?.name);
  const { applyView, saveView, removeView } = store.getState();
  if (naming !== null) {
    return (
      <form
        className="decide-naming"
        onSubmit={(event) => {
          event.preventDefault();
          const name = naming.trim();
          if (name === '' || STANDARD_VIEWS.some((view) => view.name === name)) return;
          saveView(name);
          setNaming(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setNaming(null);
        }}
      >
        <TextField label="Name of the view" value={naming} onChange={setNaming} autoFocus required />
        <Button type="submit" disabled={naming.trim() === ''}>
          Save
        </Button>
      </form>
    );
  }
  return (
    <>
      <SelectField
        label="View"
        compact
        value={current?.name ?? ''}
        choices={[
          ...(current === undefined ? [{ value: '', label: 'Own words' }] : []),
          ...views.map((view) => ({ value: view.name, label: view.name })),
        ]}
        onChange={(name) => {
          const view = views.find((item) => item.name === name);
          if (view !== undefined) applyView(view);
        }}
      />
      {current === undefined && (
        <Button kind="quiet" icon={Bookmark} onPress={() => setNaming('')}>
          Save view
        </Button>
      )}
      {isSaved && (
        <Button kind="quiet" onPress={() => removeView(current?.name ?? '')}>
          Remove view
        </Button>
      )}
    </>
  );
}
