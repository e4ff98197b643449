import { CircleCheck, FolderOpen, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { Digest } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import type { Inspection } from '../../stores/catalogue-store.ts';
import { Repositories } from './bundles.tsx';
import { TrustChain } from './trust-chain.tsx';

/** May this come in? Read the signatures, compare the root once, then let every hash be checked on the way in. */
export function ImportBundle() {
  const { catalogue, navigation, operations } = useApplication();
  const now = useNow(60_000);
  const [folder, setFolder] = useState('');
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [operationId, setOperationId] = useState<string | null>(null);
  const [importing, setImporting] = useState(false);
  const [imported, setImported] = useState(false);
  const [missing, setMissing] = useState<readonly number[]>([]);
  const [carrier, setCarrier] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const trust = useStore(catalogue, (state) => state.trust.value);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  const inspect = useAction((path: string) => catalogue.getState().inspect(path));
  const pick = useAction(() => catalogue.getState().pickFolder());
  const close = (): void => navigation.getState().openSection('catalogue', 'bundles');

  const look = async (path: string): Promise<void> => {
    setInspection(null);
    setFailure(null);
    setImported(false);
    setMissing([]);
    setInspection(await inspect.run(path));
  };
  const bringIn = async (): Promise<void> => {
    setImporting(true);
    setFailure(null);
    const started = await catalogue.getState().importBundle(folder, carrier.trim());
    if (!started.ok) {
      setFailure(started.failure);
      setImporting(false);
      return;
    }
    setOperationId(started.value.operationId);
    const ended = await operations.getState().wait(started.value.operationId);
    setImporting(false);
    if (ended.ok) {
      if (ended.value.result['outcome'] === 'waiting') {
        setMissing((ended.value.result['missingVolumes'] as number[] | undefined) ?? []);
        return;
      }
      setImported(true);
      await catalogue.getState().refresh();
      if (inspection !== null) navigation.getState().openObject('catalogue', inspection.bundle.id);
    } else {
      setOperationId(null);
      if (ended.failure.code !== 'CONTRACT_CANCELLED') setFailure(ended.failure);
    }
  };

  const step = inspection === null ? 1 : !inspection.trusted ? 2 : 3;
  return (
    <div className="import scroll">
      <ol className="steps" aria-label="Steps of the import">
        <StepMark number={1} now={step} title="Choose the folder" />
        <StepMark number={2} now={step} title="Who signed it" />
        <StepMark number={3} now={imported ? 4 : step} title="Check every hash and import" />
      </ol>
      <form
        className="form-row form-row-action import-folder"
        onSubmit={(event) => {
          event.preventDefault();
          if (folder.trim() !== '') void look(folder.trim());
        }}
      >
        <TextField
          label="Folder of the bundle, on the medium"
          value={folder}
          onChange={setFolder}
          mono
          autoFocus
          placeholder="/media/usb/bundle-41"
        />
        <Button
          icon={FolderOpen}
          busy={pick.busy}
          onPress={() =>
            void pick.run().then((chosen) => {
              if (chosen === null || chosen.path === null) return;
              setFolder(chosen.path);
              void look(chosen.path);
            })
          }
        >
          Choose
        </Button>
        <Button
          type="submit"
          kind={inspection === null ? 'primary' : 'plain'}
          busy={inspect.busy}
          disabled={folder.trim() === ''}
        >
          Look at it
        </Button>
      </form>
      {pick.failure !== null && <FailureNote failure={pick.failure} />}
      {inspect.failure !== null && (
        <FailureNote
          failure={inspect.failure}
          what="This bundle may not come in. The catalogue is unchanged."
        />
      )}
      {inspection !== null && (
        <>
          <section className="import-found">
            <div>
              <h2>
                Bundle {inspection.bundle.stream} {inspection.bundle.seq}
              </h2>
              <p className="soft">
                Made {formatInstant(inspection.bundle.createdAt)}.{' '}
                {countOf(inspection.bundle.objects, 'object')}, {formatBytes(inspection.bundle.bytes)}
                {inspection.volumes > 1 && `, this is medium ${inspection.volume} of ${inspection.volumes}`}.
                Only its signed metadata was read so far.
              </p>
            </div>
            <TrustChain
              bundle={inspection.bundle}
              trust={inspection.trusted ? trust : null}
              rootFingerprint={inspection.rootFingerprint}
              stage={
                !inspection.trusted
                  ? 'untrusted'
                  : imported || inspection.alreadyImported
                    ? 'imported'
                    : 'inspected'
              }
            />
            <Repositories bundle={inspection.bundle} now={now} />
          </section>
          {!inspection.trusted && (
            <PinRoot
              folder={folder.trim()}
              fingerprint={inspection.rootFingerprint}
              onPinned={() => void look(folder.trim())}
            />
          )}
          {inspection.trusted && (
            <section className="import-last">
              {imported ? (
                <Note
                  tone="good"
                  icon={CircleCheck}
                  title="Imported"
                  action={<Button onPress={close}>Look at the bundle</Button>}
                >
                  <p>
                    Every file has the hash that the manifest names. Scan the endpoints to see what they lack.
                  </p>
                </Note>
              ) : missing.length > 0 ? (
                <Note
                  tone="info"
                  title={`Medium ${inspection.volume} of ${inspection.volumes} is copied`}
                  action={<Button onPress={() => setInspection(null)}>Next medium</Button>}
                >
                  <p>
                    Nothing is imported yet: medium {missing.join(', ')} is still missing. They may come in
                    any order, and later.
                  </p>
                </Note>
              ) : inspection.alreadyImported ? (
                <Note
                  tone="info"
                  title="Already in the catalogue"
                  action={<Button onPress={close}>Close</Button>}
                >
                  <p>This very bundle was imported before. There is nothing to do.</p>
                </Note>
              ) : (
                <>
                  <TextField
                    label="Who brought it"
                    hint="Kept with the bundle, beside the serial of the medium"
                    value={carrier}
                    onChange={setCarrier}
                  />
                  {operation !== undefined && (
                    <OperationProgress
                      operation={operation}
                      onCancel={() => void operations.getState().cancel(operation.id)}
                    />
                  )}
                  <div className="form-foot">
                    <Button onPress={close}>{importing ? 'Leave it to run' : 'Cancel'}</Button>
                    <Button kind="primary" busy={importing} onPress={() => void bringIn()}>
                      Check and import
                    </Button>
                  </div>
                </>
              )}
            </section>
          )}
        </>
      )}
      {failure !== null && (
        <FailureNote failure={failure} what="The import was refused. The catalogue is unchanged." />
      )}
      {inspection === null && (
        <div className="form-foot">
          <Button onPress={close}>Cancel</Button>
        </div>
      )}
    </div>
  );
}

function StepMark(props: { readonly number: number; readonly now: number; readonly title: string }) {
  const state = props.number < props.now ? 'done' : props.number === props.now ? 'now' : 'later';
  return (
    <li
      className={`step-mark step-${state}`}
      {...(state === 'now' ? { 'aria-current': 'step' as const } : {})}
    >
      <span className="step-number">
        {state === 'done' ? <CircleCheck aria-label="Done" size={16} /> : props.number}
      </span>
      {props.title}
    </li>
  );
}

/** Once for a site: the fingerprint comes a second way, on paper or by phone, and both are compared. */
function PinRoot(props: {
  readonly folder: string;
  readonly fingerprint: string;
  readonly onPinned: () => void;
}) {
  const { catalogue } = useApplication();
  const [typed, setTyped] = useState('');
  const pin = useAction(() => catalogue.getState().pinRoot(props.folder, props.fingerprint));
  const entered = typed.toLowerCase().replace(/\s+/g, '');
  const same = entered === props.fingerprint;
  return (
    <section className="pinning">
      <h2>Compare the root key</h2>
      <p>
        This site trusts no root yet, or another one. Whoever builds your bundles has given you the
        fingerprint of their root another way, on paper or by phone. Enter it: only if both are the same may
        it be trusted.
      </p>
      <Digest digest={props.fingerprint} label="Fingerprint of the root in this bundle" />
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (same) void pin.run().then((value) => (value === null ? undefined : props.onPinned()));
        }}
      >
        <TextField
          label="Fingerprint from the other way"
          hint="64 digits; spaces do not matter."
          value={typed}
          onChange={setTyped}
          mono
          error={
            entered.length >= 64 && !same
              ? 'It differs from the root in this bundle. Do not import it.'
              : null
          }
        />
        {pin.failure !== null && <FailureNote failure={pin.failure} what="The root was not pinned" />}
        <div className="form-foot">
          <Button kind="primary" type="submit" icon={KeyRound} disabled={!same} busy={pin.busy}>
            Trust this root
          </Button>
        </div>
      </form>
    </section>
  );
}
