import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Reply } from '../../../contract/channels.ts';
import type { OwnKeyView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { trustedMarkings } from '../../frame/desk-marking.ts';
import { useApplication } from '../../stores/context.tsx';

/** Writes a new file about the key, or into a folder under a name of ours. */
function SaveFile(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly label: string;
  readonly suggestedName: string;
  readonly save: (file: string) => Promise<Reply<{ file: string }>>;
  readonly after: string;
  readonly onClose: () => void;
}) {
  const { desk } = useApplication();
  const [file, setFile] = useState('');
  const [written, setWritten] = useState<string | null>(null);
  const save = useAction(props.save);
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (file.trim() === '') return;
        setWritten(null);
        void save.run(file.trim()).then((done) => {
          if (done !== null) setWritten(done.file);
        });
      }}
    >
      <h2>{props.title}</h2>
      {props.children}
      <PathField
        label={props.label}
        hint="A folder, or a new file. Nothing is overwritten."
        value={file}
        onChange={setFile}
        pick={() => desk.getState().pickFile(props.title, 'save', props.suggestedName)}
        autoFocus
      />
      {save.failure !== null && <FailureNote failure={save.failure} what="No file was written" />}
      {written !== null && (
        <Note tone="good" title="Written">
          <p>
            {written}. {props.after}
          </p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>{written === null ? 'Cancel' : 'Close'}</Button>
        <Button kind="primary" type="submit" disabled={file.trim() === ''} busy={save.busy}>
          Write the file
        </Button>
      </div>
    </form>
  );
}

export function SaveForSite(props: { readonly onClose: () => void }) {
  const { desk } = useApplication();
  const marking = useStore(desk, (state) => trustedMarkings(state.packs.value ?? [])[0] ?? '');
  return (
    <SaveFile
      title="Save for the site"
      label="Folder or new file on the medium"
      suggestedName="my-key.sallyport-enrol.txt"
      save={(file) => desk.getState().saveEnrolment({ file, marking })}
      after="Give it to the site, and the fingerprint another way."
      onClose={props.onClose}
    >
      <p>
        Your name and your public key, for the site to enrol. It holds no secret. A name that ends in .html
        writes the sheet below as a page to print instead. Read the fingerprint out by telephone, bring the
        sheet, or send it by letter: never on the same medium.
      </p>
    </SaveFile>
  );
}

export function BackUpKey(props: { readonly onClose: () => void }) {
  const { desk } = useApplication();
  return (
    <SaveFile
      title="Save a backup copy"
      label="Folder or new file for the copy"
      suggestedName="my-key.sallyport-key.json"
      save={(file) => desk.getState().exportKey(file)}
      after="Keep it where only you get at it."
      onClose={props.onClose}
    >
      <p>
        The key as it is here, sealed by the passphrase that it has now. It brings the key back when this
        machine breaks, and to another machine. Whoever has the copy and the passphrase signs as you: never
        give it to the site.
      </p>
    </SaveFile>
  );
}

export function ChangePassphrase(props: { readonly onClose: () => void }) {
  const { desk } = useApplication();
  const [passphrase, setPassphrase] = useState('');
  const [typed, setTyped] = useState(NO_PASSPHRASE);
  const [done, setDone] = useState(false);
  const change = useAction(() =>
    desk.getState().changePassphrase({ passphrase, newPassphrase: typed.passphrase }),
  );
  const ready = passphrase !== '' && isGoodPassphrase(typed);
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void change.run().then((view) => {
          if (view === null) return;
          setPassphrase('');
          setTyped(NO_PASSPHRASE);
          setDone(true);
        });
      }}
    >
      <h2>Change the passphrase</h2>
      <p>
        The key stays the same, so the site has nothing to do. Copies that were made before still open with
        the current passphrase: make a new copy and destroy them. If somebody may have seen the passphrase and
        a copy, replace the key instead.
      </p>
      <TextField
        label="Current passphrase"
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="current-password"
        autoFocus
      />
      <NewPassphraseFields label="New passphrase" value={typed} onChange={setTyped} />
      {change.failure !== null && (
        <FailureNote failure={change.failure} what="The passphrase stays as it was" />
      )}
      {done && <Note tone="good" title="The passphrase is changed" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>{done ? 'Close' : 'Cancel'}</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={change.busy}>
          Change it
        </Button>
      </div>
    </form>
  );
}

export function BringInKey(props: { readonly before: OwnKeyView | null; readonly onClose: () => void }) {
  const { desk } = useApplication();
  const [file, setFile] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const bring = useAction(() => desk.getState().importKey({ file: file.trim(), passphrase }));
  const ready = file.trim() !== '' && passphrase !== '';
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void bring.run().then((view) => {
          if (view !== null) props.onClose();
        });
      }}
    >
      <h2>Bring in my key</h2>
      <p>
        {props.before === null
          ? 'A backup copy, or the key file that the page in a browser or the command line made. The site knows it already: nothing has to be enrolled again.'
          : `A backup copy of ${props.before.name}’s key brings it back under the passphrase of the copy. Another key takes its place, and the one that is here signs nothing any more.`}
      </p>
      <PathField
        label="File of the key"
        value={file}
        onChange={setFile}
        pick={() => desk.getState().pickFile('File of the key', 'open')}
        placeholder="/media/usb/mira.sallyport-key.json"
        autoFocus
      />
      <TextField
        label="Passphrase of that file"
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="current-password"
      />
      {bring.failure !== null && <FailureNote failure={bring.failure} what="No key was brought in" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={bring.busy}>
          Bring it in
        </Button>
      </div>
    </form>
  );
}
