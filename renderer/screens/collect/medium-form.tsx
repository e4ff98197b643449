import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useApplication } from '../../stores/context.tsx';

/** A keyholder's medium and passphrase, for one signature. The passphrase is forgotten as soon as it was tried. */
export function MediumForm(props: {
  readonly action: string;
  readonly busy: boolean;
  readonly disabled?: boolean;
  readonly onSubmit: (medium: string, passphrase: string) => Promise<unknown>;
}) {
  const { collect } = useApplication();
  const [medium, setMedium] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const ready = medium.trim() !== '' && passphrase !== '' && props.disabled !== true;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready || props.busy) return;
        setPassphrase('');
        void props.onSubmit(medium.trim(), passphrase);
      }}
    >
      <PathField
        label="Folder of the keyholder’s medium"
        value={medium}
        onChange={setMedium}
        pick={() => collect.getState().pickFolder('Medium of the keyholder')}
        placeholder="/media/usb"
      />
      <TextField
        label="Passphrase of the keyholder"
        type="password"
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="off"
      />
      <div className="form-foot form-foot-start">
        <Button kind="primary" type="submit" disabled={!ready} busy={props.busy}>
          {props.action}
        </Button>
      </div>
    </form>
  );
}
