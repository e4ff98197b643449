import { TextField } from '../../components/fields.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useApplication } from '../../stores/context.tsx';
import {
  isGoodPassphrase,
  NewPassphraseFields,
  NO_PASSPHRASE,
  type NewPassphrase,
} from '../../components/new-passphrase.tsx';

/** A keyholder while their part is written. */
export interface HolderDraft extends NewPassphrase {
  readonly name: string;
  readonly folder: string;
}
export const NO_HOLDER: HolderDraft = { name: '', folder: '', ...NO_PASSPHRASE };

export const isWholeHolder = (holder: HolderDraft): boolean =>
  holder.name.trim() !== '' && holder.folder.trim() !== '' && isGoodPassphrase(holder);

/** As the engine takes it. */
export const holderOf = ({ name, folder, passphrase }: HolderDraft) => ({
  name: name.trim(),
  folder: folder.trim(),
  passphrase,
});

/** Name, medium and passphrase of one person; they type the passphrase themselves. */
export function HolderFields(props: {
  readonly holder: HolderDraft;
  readonly onChange: (holder: HolderDraft) => void;
  readonly autoFocus?: boolean;
}) {
  const { collect } = useApplication();
  const { holder } = props;
  const put = (change: Partial<HolderDraft>): void => props.onChange({ ...holder, ...change });
  return (
    <>
      <TextField
        label="Name of the keyholder"
        value={holder.name}
        onChange={(name) => put({ name })}
        autoFocus={props.autoFocus === true}
      />
      <PathField
        label="Folder of their medium"
        hint="An empty USB stick that is theirs alone. Plug it in before you choose it."
        value={holder.folder}
        onChange={(folder) => put({ folder })}
        pick={() => collect.getState().pickFolder('Medium of the keyholder')}
        placeholder="/media/usb"
      />
      <NewPassphraseFields
        label="Their passphrase"
        value={holder}
        onChange={({ passphrase, again }) => put({ passphrase, again })}
      />
      <p className="field-hint">
        The keyholder types it. Nobody else needs to know it, and it is stored nowhere.
      </p>
    </>
  );
}
