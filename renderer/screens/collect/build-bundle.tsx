import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { BuiltBundle } from '../../../contract/collect.ts';
import type { Failure } from '../../../contract/errors.ts';
import type { Operation } from '../../../contract/site.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { listStep, StepList, type StepWords } from '../../components/step-list.tsx';
import { useRate } from '../../components/use-rate.ts';
import { formatDuration } from '../../format/dates.ts';
import { countOf, formatBytes, formatShare } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { BuildForm, type BuildOrder } from './build-form.tsx';
import { BuiltDetail } from './built-detail.tsx';
import { FirstSteps } from './first-steps.tsx';

const STEP_WORDS: Readonly<Record<string, StepWords>> = {
  indexes: {
    title: 'Signed indexes',
    about: 'The vendor’s signature is checked before they are read',
    counts: ['index', 'indexes'],
  },
  packages: { title: 'Packages', about: 'Each by the hash that a signed index names' },
  changelogs: {
    title: 'Changelogs',
    about: 'What each newer package fixes',
    counts: ['package', 'packages'],
  },
  writing: { title: 'Write and sign', about: 'Objects first, signatures last' },
};
const wordsOf = (id: string): StepWords => STEP_WORDS[id] ?? { title: capitalise(id), about: '' };

/** One bundle for the chosen needs-lists: asks for a folder and the passphrase, then shows how far it is. */
export function BuildBundle() {
  const { collect, navigation, operations } = useApplication();
  const view = useStore(collect, (state) => state.view.value);
  const needs = useStore(collect, (state) => state.needs.value) ?? [];
  const chosen = useStore(collect, (state) => state.chosen);
  const buildId = useStore(collect, (state) => state.buildId);
  const operation = useStore(operations, (state) =>
    buildId === null ? undefined : state.operations.get(buildId),
  );
  const [failure, setFailure] = useState<Failure | null>(null);
  const [built, setBuilt] = useState<BuiltBundle | null>(null);
  const close = (): void => {
    if (operation?.status !== 'running') collect.getState().forgetBuild();
    navigation.getState().openSection('bundles', 'list');
  };

  const begin = async (order: BuildOrder): Promise<void> => {
    setFailure(null);
    setBuilt(null);
    const started = await collect.getState().build({ needs: [...chosen], ...order });
    if (!started.ok) return setFailure(started.failure);
    const ended = await operations.getState().wait(started.value.operationId);
    if (!ended.ok) return setFailure(ended.failure);
    await collect.getState().refresh();
    setBuilt(collect.getState().built.value?.[0] ?? null);
  };

  if (view?.keys?.problem !== null || needs.length === 0) {
    return (
      <div className="scroll narrow">
        <FirstSteps />
      </div>
    );
  }
  const lists = needs.filter((list) => chosen.has(list.id));
  return (
    <div className="collect-columns scroll">
      <div className="collect-main form">
        {operation === undefined ? (
          <BuildForm needs={needs} lists={lists} onBuild={begin} onCancel={close} />
        ) : (
          <>
            <Progress operation={operation} />
            {built !== null && (
              <Note
                tone="good"
                icon={CircleCheck}
                title={`Bundle ${built.stream} ${built.seq} lies in ${built.folder}`}
                action={<Button onPress={close}>Go to the bundles</Button>}
              >
                <p>
                  {built.volumes.length > 1
                    ? `It takes ${built.volumes.length} media: each folder volume-1, volume-2 goes onto one of its own.`
                    : 'Take the whole folder to the site.'}{' '}
                  Tell the fingerprint by another way.
                  {built.missing.length > 0 &&
                    ` ${countOf(built.missing.length, 'package')} could not be had.`}
                </p>
              </Note>
            )}
            {failure !== null && (
              <FailureNote
                failure={failure}
                what={
                  failure.code === 'CONTRACT_CANCELLED'
                    ? 'Cancelled. What was fetched is kept.'
                    : 'No bundle was built'
                }
                action={<Button onPress={() => collect.getState().forgetBuild()}>Try again</Button>}
              />
            )}
            {operation.status === 'running' && (
              <div className="form-foot form-foot-start">
                <Button onPress={close}>Leave it to run</Button>
                <Button kind="danger" onPress={() => void operations.getState().cancel(operation.id)}>
                  Cancel the build
                </Button>
              </div>
            )}
            {built !== null && <BuiltDetail built={built} />}
          </>
        )}
        {operation === undefined && failure !== null && (
          <FailureNote failure={failure} what="No bundle was built" />
        )}
      </div>
      {operation !== undefined && (
        <aside className="collect-side" aria-label="Steps of the build">
          <Steps operation={operation} />
        </aside>
      )}
    </div>
  );
}

/** The figure in the middle: bytes, how fast, how much longer. */
function Progress(props: { readonly operation: Operation }) {
  const { operation } = props;
  const now = useNow(1_000);
  const running = operation.status === 'running';
  const isBytes = operation.unit === 'bytes' && operation.total > 0;
  const rate = useRate(running && isBytes ? operation.done : null, now);
  const left = rate !== null && rate > 0 ? ((operation.total - operation.done) / rate) * 1_000 : null;
  return (
    <div className={`build-now operation-${operation.status}`} role="status">
      <h2>
        {operation.status === 'done'
          ? 'Built'
          : operation.status === 'running'
            ? operation.activity
            : operation.status === 'cancelled'
              ? 'Cancelled'
              : 'Stopped'}
      </h2>
      <div className="progress-track">
        <div
          className={running && operation.total <= 0 ? 'progress-fill progress-unknown' : 'progress-fill'}
          style={{ width: operation.total > 0 ? `${(operation.done / operation.total) * 100}%` : '30%' }}
        />
      </div>
      <p className="build-figures figures">
        <span>
          {isBytes
            ? `${formatBytes(operation.done)} of ${formatBytes(operation.total)}`
            : operation.total > 0
              ? `${operation.done} of ${operation.total}`
              : ''}
        </span>
        <span>{rate === null ? '' : `${formatBytes(Math.round(rate))} a second`}</span>
        <span>{left === null || !running ? '' : `about ${formatDuration(left)} left`}</span>
        <span>{formatShare(operation.done, operation.total)}</span>
      </p>
    </div>
  );
}

function Steps(props: { readonly operation: Operation }) {
  const now = useNow(1_000);
  return (
    <StepList
      label="Steps of the build"
      steps={props.operation.steps.map((step) => listStep(step, wordsOf(step.id), now))}
    />
  );
}
