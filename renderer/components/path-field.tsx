import { FolderOpen } from 'lucide-react';
import type { Reply } from '../../contract/channels.ts';
import { Button } from './button.tsx';
import { TextField } from './fields.tsx';
import { FailureNote } from './notes.tsx';
import { useAction } from './use-action.ts';

/** A path that is typed or chosen. */
export function PathField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly pick: () => Promise<Reply<{ path: string | null }>>;
  /** Called with what was chosen, after it was put into the field. */
  readonly onPicked?: (path: string) => void;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
}) {
  const pick = useAction(props.pick);
  return (
    <>
      <div className="form-row form-row-action">
        <TextField
          label={props.label}
          value={props.value}
          onChange={props.onChange}
          mono
          {...(props.hint === undefined ? {} : { hint: props.hint })}
          {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
          {...(props.autoFocus === true ? { autoFocus: true } : {})}
        />
        <Button
          icon={FolderOpen}
          busy={pick.busy}
          onPress={() =>
            void pick.run().then((chosen) => {
              if (chosen === null || chosen.path === null) return;
              props.onChange(chosen.path);
              props.onPicked?.(chosen.path);
            })
          }
        >
          Choose
        </Button>
      </div>
      {pick.failure !== null && <FailureNote failure={pick.failure} />}
    </>
  );
}
