import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

/** A few fields and one action that ends something: says what will happen before it does. */
export function TaskDialog(props: {
  readonly title: string;
  readonly busy: boolean;
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
      <Modal className="modal">
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
