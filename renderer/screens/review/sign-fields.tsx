import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Reply } from '../../../contract/channels.ts';
import type { DeskStatement } from '../../../contract/statements.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** The end of each form whose words are signed: passphrase, new file, signature. */
export function SignFields(props: {
  /** `Sign the policy`. */
  readonly action: string;
  readonly suggestedName: string;
  readonly ready: boolean;
  readonly sign: (where: { file: string; passphrase: string }) => Promise<Reply<DeskStatement>>;
  readonly onSigned: (signed: DeskStatement) => void;
  readonly onCancel: () => void;
  readonly children?: ReactNode;
}) {
  const { desk, navigation, statements } = useApplication();
  const key = useStore(desk, (state) => state.key.value?.current ?? null);
  const [file, setFile] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const sign = useAction(props.sign);
  const ready = props.ready && file.trim() !== '' && passphrase !== '';
  if (key === null) {
    return (
      <Note
        tone="info"
        title="You have no key yet"
        action={<Button onPress={() => navigation.getState().go('my-key')}>Make my key</Button>}
      >
        <p>What you sign counts once the site has enrolled your key. What you typed here is kept.</p>
      </Note>
    );
  }
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void sign.run({ file: file.trim(), passphrase }).then((signed) => {
          setPassphrase('');
          if (signed !== null) props.onSigned(signed);
        });
      }}
    >
      <h2>Sign as {key.name}</h2>
      {props.children}
      <PathField
        label="New file on the medium"
        value={file}
        onChange={setFile}
        placeholder={`/media/usb/${props.suggestedName}`}
        pick={() => statements.getState().pickFile('Signed file', 'save', props.suggestedName)}
      />
      <TextField
        label="Passphrase of your key"
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="current-password"
      />
      {sign.failure !== null && <FailureNote failure={sign.failure} what="No file was written" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onCancel}>Back to the list</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={sign.busy}>
          {props.action}
        </Button>
      </div>
    </form>
  );
}
