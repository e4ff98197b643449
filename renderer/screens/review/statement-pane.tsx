import { useState } from 'react';
import type { DeskStatement } from '../../../contract/statements.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts, type Fact } from '../../components/facts.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { fileNameOf, sayNames, sayStatement, STATEMENT_KINDS } from '../../format/statements.ts';
import { factsOfPolicy } from '../../policy/policy-preview.tsx';
import { useApplication, useNow } from '../../stores/context.tsx';

/** One thing that was signed: what it says, where it went, and the way to write it again. */
export function StatementPane(props: { readonly statement: DeskStatement; readonly onClose: () => void }) {
  const { statement } = props;
  const now = useNow(60_000);
  const [first] = statement.files;
  return (
    <section className="pack-open" aria-label={sayStatement(statement)}>
      <ScreenHead
        title={sayStatement(statement)}
        summary={`${STATEMENT_KINDS[statement.kind]} for ${statement.siteName === '' ? `site ${statement.siteId}` : statement.siteName}`}
        actions={<Button onPress={props.onClose}>All that I signed</Button>}
      />
      <div className="scroll settings">
        {first === undefined ? (
          <Note tone="warn" title="It is signed, and no file of it was written yet">
            <p>Write it to a medium, below, and give the file to the site.</p>
          </Note>
        ) : (
          <Note tone="good" title="Signed and written">
            <p>Give the file to the site. It takes effect once the site has taken it in, and not before.</p>
          </Note>
        )}
        {statement.kind === 'policy' ? (
          <Facts stacked facts={factsOfPolicy(statement.terms, now)} />
        ) : (
          <Facts stacked facts={factsOf(statement)} />
        )}
        <Facts
          stacked
          facts={[
            { label: 'Signed', value: `${formatInstant(statement.signedAt)}, by ${statement.signedBy}` },
            { label: 'With the key', value: <code>{statement.key.slice(0, 16)}</code> },
            { label: 'Id of the site', value: <code>{statement.siteId}</code> },
            {
              label: 'Written to',
              value:
                first === undefined ? (
                  'Nowhere yet'
                ) : (
                  <ul>
                    {statement.files.map(({ file, at }) => (
                      <li key={file}>
                        <code>{file}</code>, {formatInstant(at)}
                      </li>
                    ))}
                  </ul>
                ),
            },
          ]}
        />
        <Digest digest={statement.sha256} label="SHA-256 of what was signed" />
        <WriteAgain statement={statement} />
      </div>
    </section>
  );
}

function factsOf(statement: Exclude<DeskStatement, { kind: 'policy' }>): Fact[] {
  if (statement.kind === 'delegation') {
    return [
      { label: 'Decides for you', value: statement.toName === '' ? 'The key below' : statement.toName },
      { label: 'Fingerprint of their key', value: <code>{statement.to}</code> },
      { label: 'From', value: formatInstant(statement.from) },
      { label: 'Until', value: formatInstant(statement.until) },
      { label: 'Why', value: statement.reason },
    ];
  }
  return [
    { label: 'Patches', value: sayNames(statement.names) },
    {
      label: 'Dependencies',
      value: statement.pullsIn ? 'With what they pull in' : 'Nothing that is not named',
    },
    { label: 'Customer', value: statement.customer },
    { label: 'Groups', value: statement.groups.join(', ') },
    { label: 'Until', value: formatInstant(statement.until) },
    { label: 'Why', value: statement.reason },
  ];
}

function WriteAgain(props: { readonly statement: DeskStatement }) {
  const { statements } = useApplication();
  const { statement } = props;
  const [file, setFile] = useState('');
  const write = useAction((path: string) => statements.getState().write(statement.sha256, path));
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (file.trim() === '') return;
        void write.run(file.trim()).then((written) => {
          if (written !== null) setFile('');
        });
      }}
    >
      <h2>{statement.files.length === 0 ? 'Write the file' : 'Write it again'}</h2>
      <p className="field-hint">It is the same file each time, and needs no passphrase.</p>
      <PathField
        label="New file on the medium"
        value={file}
        onChange={setFile}
        pick={() =>
          statements
            .getState()
            .pickFile('Signed file', 'save', fileNameOf(statement.kind, statement.sha256.slice(0, 12)))
        }
      />
      {write.failure !== null && <FailureNote failure={write.failure} what="No file was written" />}
      <div className="form-foot form-foot-start">
        <Button type="submit" disabled={file.trim() === ''} busy={write.busy}>
          Write the file
        </Button>
      </div>
    </form>
  );
}
