import { ClipboardCheck, FileOutput, ListTree, PenLine } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useStore, type StoreApi } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import type { QueueItem } from '../../../contract/queue.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { RaciStrip } from '../../components/raci-strip.tsx';
import { DecideSheet } from '../../decide/decide-sheet.tsx';
import { createDecideStore, FIRST_ROWS, type DecideState } from '../../decide/decide-store.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { CarriedNote } from './carried-note.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { ListClosing } from './list-closing.tsx';
import { QualityDialog } from './quality-dialog.tsx';
import { SignDialog } from './sign-dialog.tsx';
import { UnsignedSheets } from './unsigned-sheets.tsx';

/** The list of an approval, decided on at the console. What is drafted is kept by the engine as it is made. */
export function SheetPane(props: {
  readonly item: QueueItem & { readonly packId: string };
  readonly isEngineer: boolean;
  readonly onShowPlan: () => void;
  readonly onClose: () => void;
}) {
  const { approvals, clock } = useApplication();
  const { packId, state, answeredBy } = props.item;
  const [store, setStore] = useState<StoreApi<DecideState> | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  // Read again when somebody answered or the list closed: then other things may be done with it.
  const stands = `${state} ${answeredBy.length}`;
  useEffect(() => {
    let current = true;
    let made: StoreApi<DecideState> | null = null;
    void approvals
      .getState()
      .openSheet(packId, { from: 0, count: FIRST_ROWS })
      .then((reply) => {
        if (!current) return;
        if (!reply.ok) {
          setFailure(reply.failure);
          return;
        }
        made = createDecideStore(reply.value, {
          now: () => clock.getState().now,
          storage: window.localStorage,
          readPart: async (part) => {
            const next = await approvals.getState().openSheet(packId, part);
            if (!next.ok) throw new Error(next.failure.message);
            return next.value;
          },
          save: async (rows, removed) => {
            const saved = await approvals.getState().saveDraft(packId, rows, removed);
            if (!saved.ok) throw new Error(saved.failure.message);
          },
        });
        setFailure(null);
        setStore(made);
        // After the first rows have been painted: what comes then waits for nobody.
        requestAnimationFrame(() => setTimeout(() => void made?.getState().readRest(), 0));
      });
    return () => {
      current = false;
      made?.getState().stop();
      void made?.getState().flush();
    };
  }, [approvals, clock, packId, stands]);
  const detailOf = useCallback(
    async (patch: string) => {
      const reply = await approvals.getState().endpointsOf(packId, patch);
      if (!reply.ok) throw new Error(reply.failure.message);
      return reply.value;
    },
    [approvals, packId],
  );
  if (store === null) {
    return (
      <div className="detail">
        {failure === null ? <Loading what="the list" /> : <FailureNote failure={failure} />}
      </div>
    );
  }
  return (
    <div className="decide-frame">
      <RaciStrip compact about={{ kind: 'approval', id: props.item.approvalId }} stamp={stands} />
      <DecideSheet
        store={store}
        detailOf={detailOf}
        notes={
          <>
            <ListClosing item={props.item} isEngineer={props.isEngineer} onClose={props.onClose} />
            <CarriedNote packId={packId} />
            <UnsignedSheets packId={packId} mayCountersign={store.getState().sheet.mayDecide} />
          </>
        }
        bar={<SheetActions {...props} packId={packId} store={store} />}
      />
    </div>
  );
}

function SheetActions(props: {
  readonly item: QueueItem;
  readonly packId: string;
  readonly store: StoreApi<DecideState>;
  readonly isEngineer: boolean;
  readonly onShowPlan: () => void;
}) {
  const { item, store } = props;
  const [open, setOpen] = useState<'sign' | 'export' | 'quality' | null>(null);
  const drafted = useStore(store, (state) => state.draft.size);
  const reading = useStore(store, (state) => state.reading);
  const { mayDecide } = store.getState().sheet;
  // What a decision would be about is what the check is about.
  const hasTarget = useStore(store, (state) => state.active !== null || state.selected.size > 0);
  const [about, setAbout] = useState<readonly string[]>([]);
  return (
    <>
      <Button kind="quiet" icon={ListTree} onPress={props.onShowPlan}>
        The plan
      </Button>
      {props.isEngineer && (
        <Button
          icon={ClipboardCheck}
          disabled={!hasTarget}
          onPress={() => {
            setAbout(store.getState().targets());
            setOpen('quality');
          }}
        >
          Our check
        </Button>
      )}
      {props.isEngineer && item.state === 'open' && (
        <Button icon={FileOutput} onPress={() => setOpen('export')}>
          Export review pack
        </Button>
      )}
      {mayDecide && (
        <Button
          kind="primary"
          icon={PenLine}
          disabled={drafted === 0 || reading !== 'complete'}
          onPress={() => setOpen('sign')}
        >
          Sign
        </Button>
      )}
      {open === 'sign' && <SignDialog packId={props.packId} store={store} onClose={() => setOpen(null)} />}
      {open === 'quality' && (
        <QualityDialog
          patches={about}
          about={
            about.length === 1
              ? (store.getState().rowOf(about[0] ?? '')?.package ?? '')
              : countOf(about.length, 'patch', 'patches')
          }
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'export' && <ExportDialog approvalId={item.approvalId} onClose={() => setOpen(null)} />}
    </>
  );
}
