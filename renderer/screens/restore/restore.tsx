import { History as HistoryIcon } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { SnapshotView } from '../../../contract/runs.ts';
import { FilterChip, SearchField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { countOf } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { SnapshotPanel } from './snapshot-panel.tsx';
import { Timeline } from './timeline.tsx';

const NONE: readonly SnapshotView[] = [];

/** How to get back, and until when. */
export function RestoreScreen() {
  const { snapshots, navigation } = useApplication();
  const now = useNow(60_000);
  const list = useStore(snapshots, (state) => state.list);
  const openId = useStore(navigation, (state) => state.open.restore ?? null);
  const [words, setWords] = useState('');
  const [withDeleted, setWithDeleted] = useState(false);
  const all = list.value ?? NONE;
  const shown = useMemo(() => {
    const text = words.trim().toLowerCase();
    return all
      .filter((snapshot) => withDeleted || snapshot.deletedAt === null)
      .filter((snapshot) => `${snapshot.endpointName} ${snapshot.name}`.toLowerCase().includes(text))
      .sort((a, b) => b.takenAt.localeCompare(a.takenAt));
  }, [all, words, withDeleted]);
  if (list.value === null) {
    return list.failure === null ? (
      <Loading what="the restore points" />
    ) : (
      <FailureNote failure={list.failure} />
    );
  }
  const { openObject } = navigation.getState();
  const open = all.find((snapshot) => snapshot.id === openId);
  const kept = all.filter((snapshot) => snapshot.deletedAt === null).length;
  const deleted = all.length - kept;
  return (
    <div className="split">
      <div className="master">
        <ScreenHead
          title="Restore"
          summary={all.length === 0 ? 'No restore point yet' : `${countOf(kept, 'restore point')} kept`}
        />
        {all.length === 0 ? (
          <Empty icon={HistoryIcon} title="No restore point yet">
            <p>
              A run takes a snapshot of an endpoint before it installs anything, and reads it back to prove
              it. It is kept for days, and here is the way back to it.
            </p>
          </Empty>
        ) : (
          <>
            <div className="filter-bar">
              <SearchField label="Endpoint or snapshot" value={words} onChange={setWords} />
              {deleted > 0 && (
                <FilterChip
                  label="With deleted ones"
                  count={String(deleted)}
                  on={withDeleted}
                  onChange={setWithDeleted}
                />
              )}
            </div>
            <Timeline
              snapshots={shown}
              now={now}
              openId={openId}
              onOpen={(id) => openObject('restore', id)}
            />
          </>
        )}
      </div>
      {open !== undefined && (
        <SnapshotPanel key={open.id} snapshot={open} onClose={() => openObject('restore', null)} />
      )}
    </div>
  );
}
