import { CircleCheck, RefreshCw, Usb } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { BuiltBundle } from '../../../contract/collect.ts';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { MediumBundle, mediumName, MediumText } from '../../components/medium.tsx';
import { Empty, FailureNote, Loading, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import type { Medium } from '../../stores/catalogue-store.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';

/** Media that are plugged in: what room they have, what lies on them, and the way of a bundle onto one. */
export function MediaScreen() {
  const { collect, session } = useApplication();
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const [media, setMedia] = useState<readonly Medium[] | null>(null);
  const [target, setTarget] = useState<Medium | null>(null);
  const list = useAction(() => collect.getState().listMedia());
  const find = async (): Promise<void> => {
    const found = await list.run();
    if (found !== null) setMedia(found);
  };
  useEffect(() => {
    let current = true;
    void collect
      .getState()
      .listMedia()
      .then((reply) => {
        if (current) setMedia(reply.ok ? reply.value : []);
      });
    return () => {
      current = false;
    };
  }, [collect]);
  if (media === null) return <Loading what="the media" />;
  return (
    <div className="master">
      <ScreenHead
        title="Media"
        count={media.length}
        summary="Removable media that are plugged into this machine now"
        actions={
          <Button icon={RefreshCw} busy={list.busy} onPress={() => void find()}>
            Look again
          </Button>
        }
      />
      <div className="scroll keys-body">
        {list.failure !== null && <FailureNote failure={list.failure} />}
        {media.length === 0 ? (
          <Empty icon={Usb} title="No medium is plugged in">
            <p>Plug in a USB stick or disk, let the system mount it, and look again.</p>
          </Empty>
        ) : (
          <ul className="media">
            {media.map((medium) => (
              <MediumRow
                key={medium.mountPoint}
                medium={medium}
                onWrite={isEngineer ? () => setTarget(medium) : null}
              />
            ))}
          </ul>
        )}
        {target !== null && (
          <WriteBundle
            key={target.mountPoint}
            medium={target}
            onWritten={() => void find()}
            onClose={() => setTarget(null)}
          />
        )}
      </div>
    </div>
  );
}

function MediumRow(props: { readonly medium: Medium; readonly onWrite: (() => void) | null }) {
  const { medium } = props;
  return (
    <li className="medium-row">
      <Usb aria-hidden size={17} />
      <MediumText medium={medium} first={medium.mountPoint} />
      <span className="medium-room">
        <span className="sizes-bar" role="img" aria-label={`${formatBytes(medium.free)} free`}>
          <span style={{ flexGrow: Math.max(0, medium.size - medium.free) }} className="bar-carried" />
          <span style={{ flexGrow: medium.free }} className="bar-quiet" />
        </span>
        <span className="soft figures">
          {formatBytes(medium.free)} of {formatBytes(medium.size)} free
        </span>
      </span>
      <MediumBundle medium={medium} />
      {props.onWrite !== null && (
        <Button disabled={medium.readOnly} onPress={props.onWrite}>
          Write a bundle to {mediumName(medium)}
        </Button>
      )}
    </li>
  );
}

/** Each medium of each bundle that was built: `<manifest> <number>`. */
const choicesOf = (built: readonly BuiltBundle[]) =>
  built.flatMap((bundle) =>
    Array.from({ length: Math.max(1, bundle.volumes.length) }, (_, index) => ({
      value: `${bundle.manifestSha256} ${index + 1}`,
      label:
        bundle.volumes.length > 1
          ? `${bundle.stream} ${bundle.seq}, medium ${index + 1} of ${bundle.volumes.length}`
          : `${bundle.stream} ${bundle.seq}, ${formatBytes(bundle.bytes)}`,
      hint: bundle.volumes[index] ?? bundle.folder,
      // Of a bundle on several media only the engine knows what is on each.
      bytes: bundle.volumes.length > 1 ? 0 : bundle.bytes,
      folder: `${bundle.stream}-${bundle.seq}`,
    })),
  );

function WriteBundle(props: {
  readonly medium: Medium;
  readonly onWritten: () => void;
  readonly onClose: () => void;
}) {
  const { collect, operations } = useApplication();
  const choices = choicesOf(useStore(collect, (state) => state.built.value) ?? []);
  const [chosen, setChosen] = useState(choices[0]?.value ?? '');
  const folderFor = (value: string): string =>
    `${props.medium.mountPoint.replace(/\/$/, '')}/${choices.find((choice) => choice.value === value)?.folder ?? 'bundle'}`;
  const [folder, setFolder] = useState(folderFor(chosen));
  const [operationId, setOperationId] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [written, setWritten] = useState<string | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  if (choices.length === 0) {
    return (
      <Note tone="info" title="No bundle was built here yet">
        <p>Build one first. It can be built onto the medium at once, too.</p>
      </Note>
    );
  }
  const write = async (): Promise<void> => {
    setFailure(null);
    setWritten(null);
    const [manifestSha256 = '', volume = '1'] = chosen.split(' ');
    const started = await collect
      .getState()
      .writeToMedium({ manifestSha256, volume: Number(volume), folder: folder.trim() });
    if (!started.ok) return setFailure(started.failure);
    setOperationId(started.value.operationId);
    const ended = await operations.getState().wait(started.value.operationId);
    setOperationId(null);
    if (!ended.ok) return setFailure(ended.failure);
    const { files, bytes } = ended.value.result;
    setWritten(`${countOf(Number(files), 'file')}, ${formatBytes(Number(bytes))}`);
    props.onWritten();
  };
  const busy = operationId !== null;
  const needed = choices.find(({ value }) => value === chosen)?.bytes ?? 0;
  return (
    <form
      className="form write-bundle"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && folder.trim() !== '' && needed <= props.medium.free) void write();
      }}
    >
      <h2>Write a bundle to {mediumName(props.medium)}</h2>
      <SelectField
        label="Bundle"
        value={chosen}
        choices={choices}
        onChange={(value) => {
          setChosen(value);
          setFolder(folderFor(value));
        }}
      />
      <PathField
        label="Folder on the medium"
        hint="New or empty. A copy that is cancelled is taken away again."
        value={folder}
        onChange={setFolder}
        pick={() => collect.getState().pickFolder('Folder on the medium')}
      />
      {needed > props.medium.free && written === null && (
        <Note
          tone="warn"
          title={`It has ${formatBytes(props.medium.free)} free, and ${formatBytes(needed)} are needed`}
        >
          <p>Make room on it and look again, or build the bundle for media of this size.</p>
        </Note>
      )}
      {operation !== undefined && (
        <OperationProgress
          operation={operation}
          onCancel={() => void operations.getState().cancel(operation.id)}
        />
      )}
      {failure !== null && <FailureNote failure={failure} what="Nothing was left on the medium" />}
      {written !== null && (
        <Note tone="good" icon={CircleCheck} title={`Written: ${written}`}>
          <p>Let the system eject the medium before you take it out. The site checks every file of it.</p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button disabled={busy} onPress={props.onClose}>
          Close
        </Button>
        <Button
          kind="primary"
          type="submit"
          busy={busy}
          disabled={folder.trim() === '' || needed > props.medium.free}
        >
          Write it
        </Button>
      </div>
    </form>
  );
}
