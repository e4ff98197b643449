import { useState } from 'react';
import type { Reply } from '../../contract/channels.ts';
import { Button } from './button.tsx';
import { FailureNote } from './notes.tsx';
import { PathField } from './path-field.tsx';
import { useAction } from './use-action.ts';

/** Opens a file by its path, typed or chosen. Choosing one opens it at once. */
export function OpenFile<T>(props: {
  readonly label: string;
  readonly hint: string;
  readonly placeholder: string;
  readonly pick: () => Promise<Reply<{ path: string | null }>>;
  readonly open: (path: string) => Promise<Reply<T>>;
  readonly onOpened: (opened: T) => void;
  readonly onClose: () => void;
}) {
  const [file, setFile] = useState('');
  const open = useAction(props.open);
  const look = (path: string): void =>
    void open.run(path).then((opened) => {
      if (opened !== null) props.onOpened(opened);
    });
  return (
    <form
      className="form narrow"
      onSubmit={(event) => {
        event.preventDefault();
        if (file.trim() !== '') look(file.trim());
      }}
    >
      <PathField
        label={props.label}
        hint={props.hint}
        value={file}
        onChange={setFile}
        pick={props.pick}
        onPicked={look}
        placeholder={props.placeholder}
        autoFocus
      />
      {open.failure !== null && <FailureNote failure={open.failure} what="It was not opened" />}
      <div className="form-foot">
        <Button onPress={props.onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={file.trim() === ''} busy={open.busy}>
          Open
        </Button>
      </div>
    </form>
  );
}
