import { useState, type ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { Failure } from '../../contract/errors.ts';
import { Button } from './button.tsx';
import { CheckboxField, TextField } from './fields.tsx';
import { FailureNote } from './notes.tsx';

/**
 * For what cannot be undone, and only for that: says in a sentence what will happen, to what and what is lost, and has
 * the name of the thing typed.
 */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly name: string;
  readonly nameLabel: string;
  readonly actionLabel: string;
  readonly alsoConfirm?: string | undefined;
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly onConfirm: (typed: string) => void;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [agreed, setAgreed] = useState(false);
  const ready = typed === props.name && (props.alsoConfirm === undefined || agreed);
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!props.busy}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Modal className="modal">
        <Dialog className="dialog" role="alertdialog">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) props.onConfirm(typed);
            }}
          >
            <Heading slot="title">{props.title}</Heading>
            <div className="dialog-text">{props.children}</div>
            {props.alsoConfirm !== undefined && (
              <CheckboxField label={props.alsoConfirm} checked={agreed} onChange={setAgreed} />
            )}
            <TextField
              label={props.nameLabel}
              hint={`Type ${props.name} to confirm.`}
              value={typed}
              onChange={setTyped}
              autoFocus
              mono
            />
            {props.failure !== null && <FailureNote failure={props.failure} />}
            <div className="dialog-foot">
              <Button onPress={props.onClose} disabled={props.busy}>
                Cancel
              </Button>
              <Button kind="danger" type="submit" disabled={!ready} busy={props.busy}>
                {props.actionLabel}
              </Button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
