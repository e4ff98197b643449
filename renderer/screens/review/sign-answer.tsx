import { useState } from 'react';
import { useStore } from 'zustand';
import { markedFileName } from '../../../contract/marking.ts';
import type { DeskPackView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { KeyAtSiteNote } from '../../components/key-at-site.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';

/** Signs the decision and writes it to the medium; once it is signed, writes the same file again. */
export function SignAnswer(props: { readonly pack: DeskPackView }) {
  const { desk, navigation } = useApplication();
  const { pack } = props;
  const hasKey = useStore(desk, (state) => state.key.value?.current !== null);
  const [file, setFile] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [written, setWritten] = useState<string | null>(null);
  const sign = useAction(() =>
    desk.getState().exportAnswer({
      ...{ id: pack.id, file: file.trim() },
      passphrase: pack.state === 'decided' ? null : passphrase,
    }),
  );
  const signed = pack.state === 'decided';
  if (!signed && (pack.state !== 'open' || pack.siteKeyState !== 'trusted')) return null;
  if (!signed && !hasKey) {
    return (
      <Note
        tone="info"
        title="You have no key yet"
        action={<Button onPress={() => navigation.getState().go('my-key')}>Make my key</Button>}
      >
        <p>A decision counts when it is signed with your own key, which the site has enrolled.</p>
      </Note>
    );
  }
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        void sign.run().then((answer) => {
          setPassphrase('');
          if (answer === null) return;
          setWritten(
            `${answer.file}: ${answer.approved} approved, ${answer.rejected} rejected, ${answer.deferred} deferred, ${answer.asked} asked about.`,
          );
        });
      }}
    >
      <h2>{signed ? 'Write the signed decision again' : 'Sign and write the decision'}</h2>
      <p className="field-hint">
        {signed
          ? `Signed ${formatInstant(pack.decidedAt ?? pack.openedAt)}. It is the same file each time; to change a decision, ask the site for a new pack.`
          : 'One new file with what you decided, bound to exactly this pack. After that it can’t be changed here.'}
      </p>
      {!signed && <KeyAtSiteNote state={pack.myKey} siteName={pack.siteName} at={pack.createdAt} />}
      {!signed && (
        <TextField
          label="Passphrase of your key"
          type="password"
          value={passphrase}
          onChange={setPassphrase}
          autoComplete="current-password"
        />
      )}
      <PathField
        label="New file on the medium"
        value={file}
        onChange={setFile}
        pick={() =>
          desk
            .getState()
            .pickFile(
              'Decision file',
              'save',
              markedFileName(pack.marking, `decision-${pack.packId.slice(0, 8)}.json`),
            )
        }
      />
      {sign.failure !== null && (
        <FailureNote
          failure={sign.failure}
          what="No file was written"
          action={
            sign.failure.code === 'VAULT_PASSPHRASE_WRONG' && (
              <Button kind="quiet" onPress={() => navigation.getState().go('my-key', null, 'lost')}>
                I have lost the passphrase
              </Button>
            )
          }
        />
      )}
      {written !== null && (
        <Note tone="good" title="The decision is written">
          <p>{written} Give this file to the site.</p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button
          kind="primary"
          type="submit"
          disabled={file.trim() === '' || (!signed && passphrase === '')}
          busy={sign.busy}
        >
          {signed ? 'Write again' : 'Sign and write'}
        </Button>
      </div>
    </form>
  );
}
