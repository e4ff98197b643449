import { useEffect, useState } from 'react';
import type { GarbageView } from '../../../contract/risk.ts';
import type { KeepReason } from '../../../contract/vocabulary.ts';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

const REASONS: Readonly<Record<KeepReason, string>> = {
  run: 'a run that has not ended',
  approval: 'a live approval',
  plan: 'an open plan',
  restore: 'a restore point',
  finding: 'a finding',
};
const WORD = 'free space';

/** Which superseded content would go, what stays and for whom; then takes it away. */
export function Garbage() {
  const { catalogue, navigation } = useApplication();
  const [garbage, setGarbage] = useState<GarbageView | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [freed, setFreed] = useState<GarbageView | null>(null);
  useEffect(() => {
    void catalogue
      .getState()
      .garbage()
      .then((reply) => {
        if (reply.ok) setGarbage(reply.value);
        else setFailure(reply.failure);
      });
  }, [catalogue]);
  const collect = async (): Promise<void> => {
    setBusy(true);
    const reply = await catalogue.getState().collectGarbage();
    setBusy(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    setAsking(false);
    setFreed(reply.value);
    setGarbage({ ...reply.value, objects: [], bytes: 0 });
  };
  return (
    <div className="form narrow scroll">
      <p>
        Content that a newer version supersedes can be removed when the newer one is here and no run,
        approval, plan, restore point or finding needs it.
      </p>
      {failure !== null && !asking && <FailureNote failure={failure} />}
      {freed !== null && (
        <Note tone="good" title="Removed">
          <p>
            {countOf(freed.objects.length, 'object')}, {formatBytes(freed.bytes)}.
          </p>
        </Note>
      )}
      {garbage === null ? (
        failure === null && <Loading what="the content store" />
      ) : (
        <>
          <h2>
            {garbage.objects.length === 0
              ? 'Nothing to remove'
              : `${countOf(garbage.objects.length, 'object')}, ${formatBytes(garbage.bytes)}`}
          </h2>
          <ul className="plain-list">
            {garbage.objects.slice(0, 200).map((object) => (
              <li key={object.sha256}>
                {object.name} <span className="soft">{formatBytes(object.size)}</span>
              </li>
            ))}
          </ul>
          {garbage.kept.length > 0 && (
            <>
              <h2>Superseded, but kept</h2>
              <ul className="plain-list">
                {garbage.kept.slice(0, 200).map(({ object, reason }) => (
                  <li key={object.sha256}>
                    {object.name} <span className="soft">is needed by {REASONS[reason]}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      <div className="form-foot">
        <Button onPress={() => navigation.getState().openSection('catalogue', 'bundles')}>Close</Button>
        <Button
          kind="primary"
          disabled={garbage === null || garbage.objects.length === 0}
          onPress={() => setAsking(true)}
        >
          Remove
        </Button>
      </div>
      {asking && garbage !== null && (
        <ConfirmDialog
          title="Remove superseded content"
          name={WORD}
          nameLabel={`Type "${WORD}"`}
          actionLabel="Remove"
          busy={busy}
          failure={failure}
          onConfirm={() => void collect()}
          onClose={() => setAsking(false)}
        >
          <p>
            {countOf(garbage.objects.length, 'object')}, {formatBytes(garbage.bytes)}, will be deleted from
            this site. Only another bundle can bring them back.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
