import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from './button.tsx';

/** A few fields and one action that ends something: says what will happen before it does. */
export function TaskDialog(props: {
  readonly title: string;
  readonly busy: boolean;
  /** For what is compared letter by letter. */
  readonly wide?: boolean;
  readonly children: ReactNode;
  readonly foot: ReactNode;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable={!props.busy}
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Modal className={props.wide === true ? 'modal modal-wide' : 'modal'}>
        <Dialog className="dialog">
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              props.onSubmit();
            }}
          >
            <Heading slot="title">{props.title}</Heading>
            {props.children}
            <div className="dialog-foot">{props.foot}</div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What came of it, with the one button that goes on. */
export function DoneDialog(props: {
  readonly title: string;
  /** On the button. */
  readonly next: string;
  /** Something of it is still being done; it goes on when the dialog is closed. */
  readonly busy?: boolean;
  readonly wide?: boolean;
  readonly children: ReactNode;
  readonly onNext: () => void;
  readonly onClose: () => void;
}) {
  return (
    <TaskDialog
      title={props.title}
      busy={false}
      wide={props.wide === true}
      onSubmit={props.onNext}
      onClose={props.onClose}
      foot={
        <Button kind="primary" type="submit" autoFocus busy={props.busy === true}>
          {props.next}
        </Button>
      }
    >
      {props.children}
    </TaskDialog>
  );
}
