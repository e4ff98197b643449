import { useState } from 'react';
import type { Reply } from '../../../contract/channels.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** Takes in a file that a customer signed. `what`: one word, as in "a policy". */
export function ImportSigned<T>(props: {
  readonly what: string;
  readonly hint: string;
  readonly take: (file: string) => Promise<Reply<T>>;
  /** What came in, in a sentence. */
  readonly say: (value: T) => string;
}) {
  const { policies } = useApplication();
  const [file, setFile] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  const take = useAction((path: string) => props.take(path));
  const label = `File of the signed ${props.what}`;
  return (
    <form
      className="form card no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (file.trim() === '') return;
        setSaid(null);
        void take.run(file.trim()).then((value) => {
          if (value === null) return;
          setFile('');
          setSaid(props.say(value));
        });
      }}
    >
      <h2>{`Import a signed ${props.what}`}</h2>
      <PathField
        label={label}
        hint={props.hint}
        value={file}
        onChange={setFile}
        pick={() => policies.getState().pickFile(label)}
      />
      {take.failure !== null && <FailureNote failure={take.failure} what="Nothing was taken in" />}
      {said !== null && (
        <Note tone="good" title="It is in">
          <p>{said}</p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button type="submit" disabled={file.trim() === ''} busy={take.busy}>
          {`Import the ${props.what}`}
        </Button>
      </div>
    </form>
  );
}
