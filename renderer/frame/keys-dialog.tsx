import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useStore } from 'zustand';
import type { Workspace } from '../../contract/vocabulary.ts';
import { Button } from '../components/button.tsx';
import { Key } from '../components/keys.tsx';
import { useApplication } from '../stores/context.tsx';
import { destinationsOf, SETTINGS } from './destinations.ts';

const GROUPS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [readonly string[], string])[];
}[] = [
  {
    title: 'Everywhere',
    keys: [
      [['Ctrl', 'K'], 'Go to or do anything, by name'],
      [['/'], 'Search on this screen'],
      [['?'], 'Show these keys'],
      [['Esc'], 'Close what is open'],
    ],
  },
  {
    title: 'In a list',
    keys: [
      [['j'], 'Next'],
      [['k'], 'Previous'],
      [['x'], 'Select or unselect'],
      [['Ctrl', 'A'], 'Select all that are shown'],
      [['Enter'], 'Open, and go to the detail'],
    ],
  },
  {
    title: 'Approvals',
    keys: [
      [['a'], 'Approve'],
      [['r'], 'Reject, with a reason'],
    ],
  },
];

export function KeysDialog(props: { readonly workspace: Workspace }) {
  const { navigation, preferences } = useApplication();
  const singleKeys = useStore(preferences, (state) => state.singleKeys);
  const close = (): void => navigation.getState().showKeys(false);
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(open) => (open ? undefined : close())}
    >
      <Modal className="modal modal-wide">
        <Dialog className="dialog">
          <Heading slot="title">Keys</Heading>
          {!singleKeys && <p>Single letters are turned off in the settings.</p>}
          <div className="keys-groups">
            {GROUPS.map((group) => (
              <KeyGroup key={group.title} title={group.title} keys={group.keys} />
            ))}
            <KeyGroup
              title="Go to"
              keys={[...destinationsOf(props.workspace), SETTINGS].map(
                ({ key, title }) => [['g', key], title] as const,
              )}
            />
          </div>
          <div className="dialog-foot">
            <Button onPress={close} autoFocus>
              Close
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function KeyGroup(props: {
  readonly title: string;
  readonly keys: readonly (readonly [readonly string[], string])[];
}) {
  return (
    <section>
      <h3>{props.title}</h3>
      <dl className="keys-list">
        {props.keys.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <Key key={key}>{key}</Key>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
