import { useState } from 'react';
import { useStore } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { StepList } from '../../components/step-list.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import type { Inspection, Medium } from '../../stores/catalogue-store.ts';
import { ChooseMedium } from './choose-medium.tsx';
import { asksForReason, CustodyFields, NO_CUSTODY, type Custody } from './import-custody.tsx';
import { ImportResult, type Ended } from './import-result.tsx';
import { listLinks } from './import-steps.ts';
import { PinRoot } from './pin-root.tsx';

/** May this come in? The steps at the left are the chain of trust; each is passed, or the catalogue stays as it is. */
export function ImportBundle() {
  const { catalogue, navigation, operations } = useApplication();
  const now = useNow(1_000);
  const [folder, setFolder] = useState('');
  const [medium, setMedium] = useState<Medium | null>(null);
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [inspectedIn, setInspectedIn] = useState<number | null>(null);
  const [custody, setCustody] = useState<Custody>(NO_CUSTODY);
  const [operationId, setOperationId] = useState<string | null>(null);
  const [ended, setEnded] = useState<Ended | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  const inspect = useAction((path: string) => catalogue.getState().inspect(path));
  const importing = operationId !== null && ended === null && failure === null;
  const close = (): void => navigation.getState().openSection('catalogue', 'bundles');

  const look = async (path: string, chosen: Medium | null): Promise<void> => {
    setMedium(chosen);
    setInspection(null);
    setFailure(null);
    setEnded(null);
    setOperationId(null);
    const began = performance.now();
    setInspection(await inspect.run(path));
    setInspectedIn(performance.now() - began);
  };
  const bringIn = async (): Promise<void> => {
    setFailure(null);
    const { carrier, serial, reason } = custody;
    const started = await catalogue.getState().importBundle({
      folder: folder.trim(),
      ...(carrier.trim() === '' ? {} : { carrier: carrier.trim() }),
      ...(serial.trim() === '' ? {} : { mediumSerial: serial.trim() }),
      ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
    });
    if (!started.ok) return setFailure(started.failure);
    setOperationId(started.value.operationId);
    const reply = await operations.getState().wait(started.value.operationId);
    if (!reply.ok) return setFailure(reply.failure);
    setEnded(reply.value.result);
    await catalogue.getState().refresh();
    if (inspection !== null) navigation.getState().openObject('catalogue', inspection.bundle.id);
  };

  const links = listLinks(
    {
      folder,
      inspecting: inspect.busy,
      inspectedIn,
      inspection,
      inspectFailure: inspect.failure,
      operation,
    },
    now,
  );
  const needsReason = asksForReason(failure?.code);
  return (
    <div className="wizard scroll">
      <aside className="wizard-chain" aria-label="Chain of trust">
        <StepList label="Steps of the import" steps={links} />
      </aside>
      <div className="wizard-main">
        {!importing && ended === null && (
          <ChooseMedium
            folder={folder}
            onFolder={setFolder}
            onLook={(path, chosen) => void look(path, chosen)}
            busy={inspect.busy}
            first={inspection === null}
          />
        )}
        {inspect.failure !== null && (
          <FailureNote
            failure={inspect.failure}
            what="This bundle may not come in. The catalogue is unchanged."
          />
        )}
        {inspection !== null && ended === null && <Found inspection={inspection} importing={importing} />}
        {inspection !== null && !inspection.trusted && (
          <PinRoot
            folder={folder.trim()}
            fingerprint={inspection.rootFingerprint}
            onPinned={() => void look(folder.trim(), medium)}
          />
        )}
        {inspection?.trusted === true && inspection.alreadyImported && ended === null && (
          <Note tone="info" title="Already in the catalogue" action={<Button onPress={close}>Close</Button>}>
            <p>This very bundle was imported before. There is nothing to do.</p>
          </Note>
        )}
        {failure !== null && (
          <FailureNote
            failure={failure}
            what={
              failure.code === 'CONTRACT_CANCELLED'
                ? 'Cancelled. What was copied is kept; the catalogue is unchanged.'
                : 'The import was refused. The catalogue is unchanged.'
            }
          />
        )}
        {inspection?.trusted === true && !inspection.alreadyImported && ended === null && (
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              if (!importing && (!needsReason || custody.reason.trim() !== '')) void bringIn();
            }}
          >
            {importing ? (
              operation !== undefined && (
                <OperationProgress
                  operation={operation}
                  onCancel={() => void operations.getState().cancel(operation.id)}
                />
              )
            ) : (
              <CustodyFields
                custody={custody}
                onChange={setCustody}
                medium={medium}
                needsReason={needsReason}
              />
            )}
            <div className="form-foot form-foot-start">
              <Button onPress={close}>{importing ? 'Leave it to run' : 'Cancel'}</Button>
              {!importing && (
                <Button kind="primary" type="submit" disabled={needsReason && custody.reason.trim() === ''}>
                  {needsReason ? 'Import with this reason' : 'Check and import'}
                </Button>
              )}
            </div>
          </form>
        )}
        {ended !== null && inspection !== null && (
          <ImportResult
            ended={ended}
            bundleId={inspection.bundle.id}
            onClose={close}
            onNext={() => {
              setEnded(null);
              setOperationId(null);
              setInspection(null);
              setFolder('');
            }}
          />
        )}
        {inspection === null && (
          <div className="form-foot form-foot-start">
            <Button onPress={close}>Cancel</Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Found(props: { readonly inspection: Inspection; readonly importing: boolean }) {
  const { bundle, volume, volumes } = props.inspection;
  return (
    <section>
      <h2>
        Bundle {bundle.stream} {bundle.seq}
        {volumes > 1 && `, medium ${volume} of ${volumes}`}
      </h2>
      <p className="soft">
        Made {formatInstant(bundle.createdAt)}. {countOf(bundle.objects, 'object')},{' '}
        {formatBytes(bundle.bytes)}.{!props.importing && ' Only its signed metadata was read so far.'}
      </p>
    </section>
  );
}
