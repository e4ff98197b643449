import { FileKey2, FileSignature, FolderOpen, KeyRound, Printer } from 'lucide-react';
import { useState } from 'react';
import { CodedError, toFailure, type Failure } from '../../contract/errors.ts';
import { markedFileName } from '../../contract/marking.ts';
import type { DraftRow } from '../../contract/reviews.ts';
import { fingerprintWords } from '../../main/core/fingerprint.ts';
import { keyIdOf } from '../../main/core/review/judge-decision.ts';
import { keyAtSite } from '../../main/core/review/key-at-site.ts';
import { MAX_KEY_FILE } from '../../main/core/review/key-file.ts';
import { silenceOf } from '../../main/core/review/silence.ts';
import { Button } from '../components/button.tsx';
import { EnrolmentSheet } from '../components/enrolment-sheet.tsx';
import { TextField } from '../components/fields.tsx';
import { KeyAtSiteNote } from '../components/key-at-site.tsx';
import { FailureNote, Note } from '../components/notes.tsx';
import { maySign, SilenceNote } from '../decide/silence-note.tsx';
import { formatInstant } from '../format/dates.ts';
import { pageCrypto } from './browser-crypto.ts';
import { chooseFile, saveFile, slugOf } from './files.ts';
import { isLate, signDecision, type OpenedPack } from './open-pack.ts';
import { makeKey, openKey, type PageKey } from './reviewer-key.ts';

interface KeyFile {
  readonly name: string;
  readonly text: string;
}

/** The key that signs until the page is left. `made`: its file, when it was made here, to be saved again. */
export interface HeldKey {
  readonly key: PageKey;
  readonly made: KeyFile | null;
}

/** The approver's key, and the signature under what they decided. */
export function Sign(props: {
  readonly opened: OpenedPack;
  readonly rows: () => readonly DraftRow[];
  readonly held: HeldKey | null;
  readonly onHold: (held: HeldKey) => void;
}) {
  const { opened } = props;
  const key = props.held?.key ?? null;
  const made = props.held?.made ?? null;
  const [saved, setSaved] = useState<string | null>(null);
  const { pack } = opened;
  const late = isLate(pack, new Date().toISOString());
  // Decisions are made at another step: they stay as they are while this one is shown.
  const [rows] = useState(props.rows);
  const [silence] = useState(() => silenceOf(pack, new Set(rows.map(({ patch }) => patch))));
  const sign = useWork(async () => {
    if (key === null) return;
    const text = await signDecision(opened, rows, key, new Date().toISOString());
    const plain = `${slugOf(pack.siteName)}-${slugOf(key.name)}-${pack.packId.slice(0, 8)}.sallyport-decision.json`;
    const name = markedFileName(pack.marking, plain);
    saveFile(name, text);
    setSaved(name);
  });
  return (
    <section className="page-step scroll" aria-label="Sign">
      {saved === null && late && (
        <Note tone="warn" title="The cut-off of this list has passed">
          <p>
            It was {formatInstant(pack.cutOffAt)}, and the site takes no answer in after it. Ask the site for
            a new list.
          </p>
        </Note>
      )}
      {saved === null && !late && (
        <SilenceNote silence={silence} decided={rows.length} cutOffAt={pack.cutOffAt} />
      )}
      {key === null ? (
        <ChooseKey onKey={props.onHold} />
      ) : (
        <>
          <h2>Sign as {key.name}</h2>
          <p>
            Your signature says that these decisions are yours. Give the file that is saved to the site, on
            the medium that the list came on or by any other way.
          </p>
          <KeyAtSiteNote
            state={keyAtSite(pack, keyIdOf(key.publicKey, pageCrypto), new Date().toISOString())}
            siteName={pack.siteName}
            at={pack.createdAt}
          />
          {made !== null && (
            <Note
              tone="warn"
              title="Is your key saved?"
              action={
                <Button icon={FileKey2} onPress={() => saveFile(made.name, made.text)}>
                  Save the key again
                </Button>
              }
            >
              <p>
                {made.name} went to the folder of your downloads. If it is not there, save it again now: when
                this page is left the key is gone, and nobody can bring it back.
              </p>
            </Note>
          )}
          {sign.failure !== null && <FailureNote failure={sign.failure} what="Nothing was signed" />}
          {saved !== null && (
            <Note tone="good" title="Signed and saved">
              <p>
                {saved} is in the folder of your downloads. Give it to {pack.siteName} before the cut-off.
              </p>
            </Note>
          )}
          <div className="form-foot form-foot-start no-print">
            {!late && maySign(silence, rows.length) && (
              <Button kind="primary" icon={FileSignature} busy={sign.busy} onPress={sign.run} autoFocus>
                Sign and save the decision
              </Button>
            )}
            <Button icon={Printer} onPress={() => window.print()}>
              Print the enrolment sheet
            </Button>
          </div>
          <KeySheet pageKey={key} marking={pack.marking} />
        </>
      )}
    </section>
  );
}

function KeySheet(props: { readonly pageKey: PageKey; readonly marking: string }) {
  const { name, publicKey } = props.pageKey;
  const fingerprint = keyIdOf(publicKey, pageCrypto);
  const words = fingerprintWords(fingerprint, pageCrypto);
  return <EnrolmentSheet {...{ name, publicKey, fingerprint, words, marking: props.marking }} />;
}

type OnKey = (held: HeldKey) => void;

function ChooseKey(props: { readonly onKey: OnKey }) {
  const [file, setFile] = useState<KeyFile | null>(null);
  const choose = useWork(async () => setFile(await chooseFile('.json,.key', MAX_KEY_FILE)));
  return (
    <>
      {file === null ? (
        <>
          <h2>Your key</h2>
          <p>You sign with a key of your own, which the site enrolled once.</p>
          <div className="form-foot form-foot-start">
            <Button icon={FolderOpen} busy={choose.busy} onPress={choose.run}>
              Open my key file
            </Button>
          </div>
          <MakeKey onKey={props.onKey} />
        </>
      ) : (
        <OpenKey file={file} onKey={props.onKey} onBack={() => setFile(null)} />
      )}
    </>
  );
}

function OpenKey(props: { readonly file: KeyFile; readonly onKey: OnKey; readonly onBack: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  const open = useWork(async (onProgress) => {
    const key = await openKey(props.file.text, props.file.name, passphrase, onProgress);
    props.onKey({ key, made: null });
  });
  return (
    <form className="page-form" onSubmit={open.submit}>
      <h2>Open {props.file.name}</h2>
      <TextField
        label="Passphrase of your key"
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoFocus
      />
      {open.failure !== null && <FailureNote failure={open.failure} what="The key was not opened" />}
      <div className="form-foot form-foot-start">
        <Button kind="primary" type="submit" icon={KeyRound} busy={open.busy}>
          {open.busy ? `Opening, ${open.done} %` : 'Open the key'}
        </Button>
        <Button onPress={props.onBack}>Use another key</Button>
      </div>
    </form>
  );
}

function MakeKey(props: { readonly onKey: OnKey }) {
  const [name, setName] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const differs = again !== '' && again !== passphrase;
  const make = useWork(async (onProgress) => {
    const made = await makeKey(name.trim(), passphrase, onProgress);
    const file = { name: `${slugOf(name)}.sallyport-key.json`, text: made.file };
    saveFile(file.name, file.text);
    props.onKey({ key: made.key, made: file });
  });
  return (
    <form className="page-form" onSubmit={make.submit}>
      <h2>Or make a key</h2>
      <p>
        The key is saved as a file, sealed with your passphrase. Keep it: you sign every list with it. The
        site has to enrol it once, and what you sign counts only after that.
      </p>
      <TextField label="Your name" value={name} onChange={setName} required />
      <TextField
        label="New passphrase"
        hint="At least 12 characters; three or four unrelated words do well. Nobody can recover it."
        type="password"
        autoComplete="new-password"
        value={passphrase}
        onChange={setPassphrase}
      />
      <TextField
        label="The passphrase again"
        type="password"
        autoComplete="new-password"
        value={again}
        onChange={setAgain}
        error={differs ? 'It is not the same.' : null}
      />
      {make.failure !== null && <FailureNote failure={make.failure} what="No key was made" />}
      <div className="form-foot form-foot-start">
        <Button
          kind="primary"
          type="submit"
          icon={FileKey2}
          busy={make.busy}
          disabled={name.trim() === '' || passphrase === '' || again !== passphrase}
        >
          {make.busy ? `Making, ${make.done} %` : 'Make and save my key'}
        </Button>
      </div>
    </form>
  );
}

/** Work that a button begins: busy while it lasts, what it failed with kept until the next try. A bug is said, and left to the console. */
export function useWork(work: (onProgress: (done: number) => void) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(0);
  const [failure, setFailure] = useState<Failure | null>(null);
  const run = (): void => {
    if (busy) return;
    setBusy(true);
    setDone(0);
    setFailure(null);
    work((share) => setDone(Math.floor(share * 100)))
      .catch((error: unknown) => {
        if (error instanceof CodedError) return setFailure(toFailure(error));
        setFailure({
          ...{ code: 'INTERNAL', message: 'Something in this page went wrong.', retry: 'same' },
          hint: 'Save your draft, open the page again, and open your draft there.',
        });
        throw error;
      })
      .finally(() => setBusy(false));
  };
  const submit = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    run();
  };
  return { busy, done, failure, run, submit };
}
