import { useState } from 'react';
import { useStore } from 'zustand';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, SelectField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { PathField } from '../../components/path-field.tsx';
import { StepList, type ListedStep } from '../../components/step-list.tsx';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { HolderFields, holderOf, isWholeHolder, NO_HOLDER, type HolderDraft } from './holder-fields.tsx';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';

const USUAL = { holders: 3, threshold: 2 } as const;
const MOST_HOLDERS = 7;

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index)).map((value) => ({
    value,
    label: value,
  }));

/** The keys that sites will trust, made step by step with everybody at the table. */
export function KeyCeremony(props: { readonly onDone: () => void; readonly onCancel: () => void }) {
  const { keys, operations } = useApplication();
  const [at, setAt] = useState(0);
  const [holders, setHolders] = useState<readonly HolderDraft[]>(
    Array.from({ length: USUAL.holders }, () => NO_HOLDER),
  );
  const [threshold, setThreshold] = useState<number>(USUAL.threshold);
  const [folder, setFolder] = useState('');
  const [own, setOwn] = useState(NO_PASSPHRASE);
  const [spare, setSpare] = useState<HolderDraft | null>(null);
  const [sameDisk, setSameDisk] = useState(false);
  const [operationId, setOperationId] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const operation = useStore(operations, (state) =>
    operationId === null ? undefined : state.operations.get(operationId),
  );
  const making = operationId !== null && failure === null;
  const machine = holders.length + 1;
  const last = holders.length + 2;
  const setCount = (count: number): void => {
    setHolders(Array.from({ length: count }, (_, index) => holders[index] ?? NO_HOLDER));
    setThreshold(Math.min(threshold, count));
  };
  const current = at >= 1 && at <= holders.length ? (holders[at - 1] ?? NO_HOLDER) : null;
  const machineReady =
    folder.trim() !== '' && isGoodPassphrase(own) && (spare === null || isWholeHolder(spare));
  const ready = current !== null ? isWholeHolder(current) : at === machine ? machineReady : true;

  const make = async (): Promise<void> => {
    setFailure(null);
    const started = await keys.getState().hold({
      folder: folder.trim(),
      passphrase: own.passphrase,
      holders: holders.map(holderOf),
      threshold,
      spare: spare === null ? null : holderOf(spare),
      allowSameDisk: sameDisk,
    });
    if (!started.ok) return setFailure(started.failure);
    setOperationId(started.value.operationId);
    const ended = await operations.getState().wait(started.value.operationId);
    if (!ended.ok) {
      setOperationId(null);
      return setFailure(ended.failure);
    }
    await keys.getState().refresh();
    props.onDone();
  };

  return (
    <div className="wizard scroll">
      <aside className="wizard-chain" aria-label="Key ceremony">
        <StepList label="Steps of the ceremony" steps={listSteps(at, holders, making)} />
      </aside>
      <div className="wizard-main">
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (!ready || making) return;
            if (at < last) setAt(at + 1);
            else void make();
          }}
        >
          {at === 0 && (
            <Before
              holders={holders.length}
              threshold={threshold}
              onHolders={setCount}
              onThreshold={setThreshold}
            />
          )}
          {current !== null && (
            <section key={at}>
              <h2>
                Keyholder {at} of {holders.length}
              </h2>
              <HolderFields
                holder={current}
                onChange={(holder) =>
                  setHolders(holders.map((each, index) => (index === at - 1 ? holder : each)))
                }
                autoFocus
              />
            </section>
          )}
          {at === machine && (
            <Machine
              folder={folder}
              onFolder={setFolder}
              own={own}
              onOwn={setOwn}
              spare={spare}
              onSpare={setSpare}
              sameDisk={sameDisk}
              onSameDisk={setSameDisk}
            />
          )}
          {at === last && !making && (
            <section>
              <h2>Make the keys</h2>
              <p>
                {holders.map(({ name }) => name).join(', ')}: {threshold} of them together can change whom all
                sites trust. Leave every medium plugged in. Each key is opened again from its medium as proof.
                When anything fails, nothing is left of it, on no medium.
              </p>
            </section>
          )}
          {making && operation !== undefined && (
            <OperationProgress
              operation={operation}
              onCancel={() => void operations.getState().cancel(operation.id)}
            />
          )}
          {failure !== null && <FailureNote failure={failure} what="No key was made" />}
          <div className="form-foot form-foot-start">
            <Button disabled={making} onPress={() => (at === 0 ? props.onCancel() : setAt(at - 1))}>
              {at === 0 ? 'Cancel' : 'Back'}
            </Button>
            <Button kind="primary" type="submit" disabled={!ready} busy={making}>
              {at === last ? 'Make the keys' : 'Go on'}
            </Button>
          </div>
        </form>
      </div>
    </div>
  );
}

function listSteps(at: number, holders: readonly HolderDraft[], making: boolean): readonly ListedStep[] {
  const last = holders.length + 2;
  const step = (index: number, title: string, detail: string): ListedStep => ({
    id: String(index),
    title,
    detail,
    state: index < at ? 'done' : index > at ? 'waiting' : index === last && !making ? 'waiting' : 'running',
  });
  return [
    step(0, 'Before you begin', 'Who is needed, and what'),
    ...holders.map(({ name, folder }, index) =>
      step(
        index + 1,
        name.trim() === '' ? `Keyholder ${index + 1}` : name,
        folder || 'A medium of their own',
      ),
    ),
    step(holders.length + 1, 'This machine', 'Signs each bundle'),
    step(last, 'Make the keys', 'Then print the cards'),
  ];
}

function Before(props: {
  readonly holders: number;
  readonly threshold: number;
  readonly onHolders: (count: number) => void;
  readonly onThreshold: (count: number) => void;
}) {
  const { holders, threshold } = props;
  return (
    <section>
      <h2>Before you begin</h2>
      <p>
        A key ceremony makes the keys that sites trust. It takes about five minutes. The keys of the
        keyholders never stay on this machine: they lie on media that are locked away.
      </p>
      <ul className="checklist">
        <li>Every keyholder is here, with an empty USB stick of their own and a passphrase in mind.</li>
        <li>This machine has no network while the ceremony lasts.</li>
        <li>A printer is at hand, or a way to a printer afterwards: the cards hold no secret.</li>
      </ul>
      <div className="form-row">
        <SelectField
          label="Keyholders"
          hint="Persons with a key each."
          value={String(holders)}
          choices={numbers(1, MOST_HOLDERS)}
          onChange={(value) => props.onHolders(Number(value))}
        />
        <SelectField
          label="How many must sign a change"
          hint="Usual is 2 of 3: one may be ill, and none can act alone."
          value={String(threshold)}
          choices={numbers(1, holders)}
          onChange={(value) => props.onThreshold(Number(value))}
        />
      </div>
      {threshold === holders && (
        <p className="tone-warn">
          Every keyholder would be needed: if one key is lost, the root can never be changed.
        </p>
      )}
      {threshold === 1 && (
        <p className="tone-warn">Each of {countOf(holders, 'keyholder')} could change the root alone.</p>
      )}
    </section>
  );
}

function Machine(props: {
  readonly folder: string;
  readonly onFolder: (folder: string) => void;
  readonly own: typeof NO_PASSPHRASE;
  readonly onOwn: (own: typeof NO_PASSPHRASE) => void;
  readonly spare: HolderDraft | null;
  readonly onSpare: (spare: HolderDraft | null) => void;
  readonly sameDisk: boolean;
  readonly onSameDisk: (on: boolean) => void;
}) {
  const { collect } = useApplication();
  return (
    <section>
      <h2>This machine</h2>
      <p>
        It gets a release key and a builder key. They sign each bundle, and can be replaced by the keyholders.
      </p>
      <PathField
        label="New folder for the signing keys"
        value={props.folder}
        onChange={props.onFolder}
        pick={() => collect.getState().pickFolder('Folder for the signing keys')}
        placeholder="/srv/sallyport/keys"
        autoFocus
      />
      <NewPassphraseFields
        label="Passphrase of this machine’s keys"
        value={props.own}
        onChange={props.onOwn}
      />
      <CheckboxField
        label="A spare release key on a medium for the safe"
        hint="For when this machine is lost: bundles can be released again at once."
        checked={props.spare !== null}
        onChange={(on) => props.onSpare(on ? { ...NO_HOLDER, name: 'spare release key' } : null)}
      />
      {props.spare !== null && <HolderFields holder={props.spare} onChange={props.onSpare} />}
      <CheckboxField
        label="This is a laboratory: keys may lie on one disk"
        hint="Never for a real site: whoever finds one medium must not find two keys."
        checked={props.sameDisk}
        onChange={props.onSameDisk}
      />
    </section>
  );
}
