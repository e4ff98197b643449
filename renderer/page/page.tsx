import { CheckCircle2, FolderOpen, Save } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useStore } from 'zustand';
import { CodedError, toFailure, type Failure } from '../../contract/errors.ts';
import { markedFileName, markingText } from '../../contract/marking.ts';
import type { DraftRow, ReviewSheet } from '../../contract/reviews.ts';
import { detailOf, headOf, rowsOf } from '../../main/core/review/rows.ts';
import { REVIEW_LIMITS } from '../../main/core/review/signed-file.ts';
import { Button } from '../components/button.tsx';
import { FailureNote, Loading } from '../components/notes.tsx';
import { DecideSheet } from '../decide/decide-sheet.tsx';
import { createDecideStore } from '../decide/decide-store.ts';
import { whyNoSignatures } from './browser-crypto.ts';
import { CheckSite } from './check-site.tsx';
import { browserStorage, formatDraft, keepDraft, loadDraft, parseDraft, type DraftStorage } from './draft.ts';
import { chooseFile, saveFile, slugOf } from './files.ts';
import { isLate, openPack, type OpenedPack } from './open-pack.ts';
import { Sign, useWork, type HeldKey } from './sign.tsx';

const STEPS = [
  { id: 'site', title: '1. Check the site' },
  { id: 'decide', title: '2. Decide' },
  { id: 'sign', title: '3. Sign' },
] as const;
type Step = (typeof STEPS)[number]['id'];

/** The list of a pack in any browser, with nothing installed and nothing behind it. */
export function ReviewPage(props: { readonly envelope: string }) {
  const [opened, setOpened] = useState<OpenedPack | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [whyNot, setWhyNot] = useState<string | null>(null);
  useTheme();
  useEffect(() => {
    const open = async (): Promise<void> => {
      const why = await whyNoSignatures(window.crypto.subtle);
      setWhyNot(why);
      if (why !== null) return;
      setOpened(await openPack(props.envelope));
    };
    open().catch((error: unknown) => {
      if (!(error instanceof CodedError)) throw error;
      setFailure(toFailure(error));
    });
  }, [props.envelope]);
  useEffect(() => {
    if (opened !== null || failure !== null || whyNot !== null)
      document.documentElement.dataset['ready'] = 'true';
  }, [opened, failure, whyNot]);
  return (
    <I18nProvider locale="en-GB">
      {opened === null ? (
        <main className="page-stage">
          <h1>Decide on patches</h1>
          {failure !== null && <FailureNote failure={failure} what="This list was not opened" />}
          {whyNot !== null && (
            <div className="note tone-bad" role="alert">
              <div className="note-body">
                <p className="note-title">This browser can neither check nor sign the list</p>
                <p>{whyNot}</p>
              </div>
            </div>
          )}
          {failure === null && whyNot === null && <Loading what="the list" />}
        </main>
      ) : (
        <Opened opened={opened} storage={browserStorage()} />
      )}
    </I18nProvider>
  );
}

function Opened(props: { readonly opened: OpenedPack; readonly storage: DraftStorage | null }) {
  const { opened, storage } = props;
  const { pack, sha256 } = opened;
  const [step, setStep] = useState<Step>('site');
  const [draft, setDraft] = useState<readonly DraftRow[]>(() => loadDraft(storage, sha256));
  const [isKept, setKept] = useState(storage !== null);
  const [held, setHeld] = useState<HeldKey | null>(null);
  const [late] = useState(() => isLate(pack, new Date().toISOString()));
  const store = useMemo(() => {
    const sheet: ReviewSheet = {
      ...{ head: headOf(pack, sha256), rows: rowsOf(pack, pack.patches), total: pack.patches.length },
      draft: [...draft],
      mayDecide: !late,
      mayNotDecideBecause: late ? 'The cut-off of this list has passed. Ask the site for a new one.' : null,
    };
    const made = createDecideStore(sheet, {
      now: () => Date.now(),
      save: () => setKept(keepDraft(storage, sha256, [...made.getState().draft.values()])),
      ...(storage === null ? {} : { storage }),
    });
    return made;
  }, [pack, sha256, draft, storage, late]);
  const counts = useStore(store, (state) => state.counts);
  const rows = (): DraftRow[] => [...store.getState().draft.values()];
  const open = useWork(async () => {
    const file = await chooseFile('.json', REVIEW_LIMITS.bytes);
    if (file === null) return;
    const read = parseDraft(file.text, sha256);
    setKept(keepDraft(storage, sha256, read));
    setDraft(read);
    setStep('decide');
  });
  const marking = markingText(pack.marking);
  return (
    <div className="page">
      <div className="band" role="banner">
        <span className="band-site">{pack.siteName}</span>
        <strong className="band-marking">{marking}</strong>
        <span className="band-end">{pack.customer}</span>
      </div>
      <div className="page-head" role="region" aria-label="Steps and draft">
        <h1>Decide on patches</h1>
        <nav className="page-steps" aria-label="Steps">
          {STEPS.map((item) => (
            <button
              key={item.id}
              type="button"
              className="page-step-button"
              disabled={step === 'site' && item.id !== 'site'}
              {...(item.id === step ? { 'aria-current': 'step' as const } : {})}
              onClick={() => setStep(item.id)}
            >
              {item.title}
              {item.id === 'decide' && counts.undecided > 0 && ` (${counts.undecided} left)`}
            </button>
          ))}
        </nav>
        <span className="page-kept">
          {isKept ? (
            <>
              <CheckCircle2 aria-hidden size={14} /> This browser keeps your draft
            </>
          ) : (
            'This browser keeps no draft: save it as a file'
          )}
        </span>
        <Button
          icon={Save}
          onPress={() =>
            saveFile(
              markedFileName(pack.marking, `${slugOf(pack.siteName)}.sallyport-draft.json`),
              formatDraft(sha256, rows()),
            )
          }
        >
          Save my draft
        </Button>
        <Button icon={FolderOpen} busy={open.busy} onPress={open.run}>
          Open my draft
        </Button>
      </div>
      {open.failure !== null && <FailureNote failure={open.failure} what="The draft was not opened" />}
      <main className="page-main">
        {step === 'site' && <CheckSite opened={opened} onSame={() => setStep('decide')} />}
        {step === 'decide' && (
          <DecideSheet
            store={store}
            detailOf={(patch) => {
              const detail = detailOf(
                pack,
                pack.patches.find((row) => row.sha256 === patch),
              );
              return detail === null ? Promise.reject(new Error('no such patch')) : Promise.resolve(detail);
            }}
            bar={
              <Button kind="primary" onPress={() => setStep('sign')}>
                Go to the signature
              </Button>
            }
          />
        )}
        {step === 'sign' && <Sign opened={opened} rows={rows} held={held} onHold={setHeld} />}
      </main>
    </div>
  );
}

/** As the system has it. */
function useTheme(): void {
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => {
      document.documentElement.dataset['theme'] = dark.matches ? 'dark' : 'light';
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, []);
}
