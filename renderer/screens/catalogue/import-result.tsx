import { CircleCheck, Layers } from 'lucide-react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Note } from '../../components/notes.tsx';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { BundleDiff } from './bundle-diff.tsx';
import { CustodySection } from './custody.tsx';

/** What the engine answered at the end of an import. */
export type Ended = Readonly<Record<string, unknown>>;

const numberIn = (ended: Ended, name: string): number => {
  const value = ended[name];
  return typeof value === 'number' ? value : 0;
};

/** What came in, or which medium is to come. */
export function ImportResult(props: {
  readonly ended: Ended;
  /** Of the bundle that was looked at. */
  readonly bundleId: string;
  readonly onClose: () => void;
  readonly onNext: () => void;
}) {
  const { ended } = props;
  if (ended['outcome'] === 'waiting') {
    const missing = Array.isArray(ended['missingVolumes']) ? ended['missingVolumes'].map(String) : [];
    return (
      <Note
        tone="info"
        icon={Layers}
        title={`Medium ${numberIn(ended, 'volume')} of ${numberIn(ended, 'volumes')} is in`}
        action={
          <Button kind="primary" onPress={props.onNext}>
            Put in the next
          </Button>
        }
      >
        <p>
          The catalogue is unchanged until all are here. Still to come: {missing.join(', ')},{' '}
          {formatBytes(numberIn(ended, 'missingBytes'))}.
        </p>
      </Note>
    );
  }
  const missing = Array.isArray(ended['missing']) ? ended['missing'].length : 0;
  return (
    <>
      <Note
        tone="good"
        icon={CircleCheck}
        title="Imported"
        action={<Button onPress={props.onClose}>Look at the bundle</Button>}
      >
        <p>
          {countOf(numberIn(ended, 'packages'), 'package')} carried,{' '}
          {countOf(numberIn(ended, 'advisories'), 'advisory', 'advisories')},{' '}
          {formatBytes(numberIn(ended, 'bytes'))}
          {missing > 0 && `; ${countOf(missing, 'package')} could not be had when it was built`}. Every file
          has the hash that the manifest names. Scan the endpoints to see what they lack.
        </p>
      </Note>
      <Imported bundleId={props.bundleId} />
    </>
  );
}

/** What it brings beside the bundle before it, and what was looked for in it on the way in. */
function Imported(props: { readonly bundleId: string }) {
  const { catalogue } = useApplication();
  const bundles = useStore(catalogue, (state) => state.bundles.value) ?? [];
  const bundle = bundles.find(({ id }) => id === props.bundleId);
  if (bundle === undefined) return null;
  const before = bundles
    .filter(({ stream, seq }) => stream === bundle.stream && seq < bundle.seq)
    .toSorted((a, b) => b.seq - a.seq)[0];
  return (
    <>
      <h2>
        Bundle {bundle.stream} {bundle.seq}
      </h2>
      <CustodySection custody={bundle.custody} />
      {before === undefined ? (
        <p className="soft">It is the first of its stream: there is none to compare it with.</p>
      ) : (
        <section>
          <h3>
            Beside {before.stream} {before.seq}
          </h3>
          <BundleDiff from={before.id} to={bundle.id} />
        </section>
      )}
    </>
  );
}
