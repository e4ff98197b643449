import { useEffect, useMemo, useState } from 'react';
import type { Failure } from '../../../contract/errors.ts';
import type { DeskPackView, Silence } from '../../../contract/packs.ts';
import type { ReviewSheet } from '../../../contract/reviews.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { DecideSheet } from '../../decide/decide-sheet.tsx';
import { maySign, SilenceNote } from '../../decide/silence-note.tsx';
import { createDecideStore, FIRST_ROWS } from '../../decide/decide-store.ts';
import { useApplication } from '../../stores/context.tsx';
import { SignAnswer } from './sign-answer.tsx';
import { SiteKey } from './site-key.tsx';

type Step = 'site' | 'decide' | 'sign';

/** One pack in its three steps: whose it is, the decision on each patch, the signature. */
export function PackPane(props: { readonly pack: DeskPackView; readonly onClose: () => void }) {
  const { clock, desk } = useApplication();
  const { pack } = props;
  const [step, setStep] = useState<Step>(pack.siteKeyState === 'trusted' ? 'decide' : 'site');
  const [sheet, setSheet] = useState<ReviewSheet | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    void desk
      .getState()
      .sheet(pack.id, { from: 0, count: FIRST_ROWS })
      .then((reply) => {
        if (!current) return;
        if (reply.ok) setSheet(reply.value);
        setFailure(reply.ok ? null : reply.failure);
      });
    return () => {
      current = false;
    };
    // Read again when the site's key was compared or the pack was signed, not with each row that is decided.
  }, [desk, pack.id, pack.state, pack.siteKeyState]);
  // Outlives the step: coming back to the list finds it as it was.
  const store = useMemo(
    () =>
      sheet === null
        ? null
        : createDecideStore(sheet, {
            now: () => clock.getState().now,
            storage: window.localStorage,
            readPart: async (part) => {
              const reply = await desk.getState().sheet(pack.id, part);
              if (!reply.ok) throw new Error(reply.failure.message);
              return reply.value;
            },
            save: async (rows, removed) => {
              const reply = await desk
                .getState()
                .draft({ id: pack.id, rows: [...rows], clear: [...removed] });
              if (!reply.ok) throw new Error(reply.failure.message);
            },
          }),
    [clock, desk, pack.id, sheet],
  );
  useEffect(() => {
    void store?.getState().readRest();
    return () => store?.getState().stop();
  }, [store]);
  return (
    <section className="pack-open" aria-label={`Pack of ${pack.siteName}`}>
      <ScreenHead
        title={`Pack of ${pack.siteName}`}
        summary={`${pack.decided} of ${pack.patches} decided`}
        actions={<Button onPress={props.onClose}>All packs</Button>}
      />
      {failure !== null && <FailureNote failure={failure} what="The pack can’t be shown" />}
      {sheet === null || store === null ? (
        failure === null && <Loading what="the pack" />
      ) : (
        <Tabs
          label="Steps"
          chosen={step}
          onChoose={(id) => setStep(id as Step)}
          tabs={[
            { id: 'site', title: '1. Check the site', content: <SiteKey pack={pack} /> },
            {
              id: 'decide',
              title: `2. Decide, ${pack.decided} of ${pack.patches}`,
              content: (
                <DecideSheet
                  store={store}
                  detailOf={async (patch) => {
                    const reply = await desk.getState().patch(pack.id, patch);
                    if (reply.ok) return reply.value;
                    throw new Error(reply.failure.message);
                  }}
                  bar={
                    <Button kind="primary" onPress={() => setStep('sign')}>
                      Go to the signature
                    </Button>
                  }
                />
              ),
            },
            { id: 'sign', title: '3. Sign', content: <Sign pack={pack} sheet={sheet} /> },
          ]}
        />
      )}
    </section>
  );
}

function Sign(props: { readonly pack: DeskPackView; readonly sheet: ReviewSheet }) {
  const { desk } = useApplication();
  const { pack, sheet } = props;
  const [silence, setSilence] = useState<Silence | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    void desk
      .getState()
      .silence(pack.id)
      .then((reply) => {
        if (!current) return;
        setSilence(reply.ok ? reply.value : null);
        setFailure(reply.ok ? null : reply.failure);
      });
    return () => {
      current = false;
    };
  }, [desk, pack.id, pack.decided]);
  const mayStillSign = pack.state === 'open' && sheet.mayNotDecideBecause === null;
  return (
    <div className="narrow">
      {sheet.mayNotDecideBecause !== null && pack.state !== 'decided' && (
        <Note tone="warn" title={sheet.mayNotDecideBecause} />
      )}
      {failure !== null && <FailureNote failure={failure} what="What silence will mean can’t be said" />}
      {mayStillSign && silence !== null && (
        <SilenceNote silence={silence} decided={pack.decided} cutOffAt={pack.cutOffAt} />
      )}
      {(!mayStillSign || (silence !== null && maySign(silence, pack.decided))) && <SignAnswer pack={pack} />}
    </div>
  );
}
