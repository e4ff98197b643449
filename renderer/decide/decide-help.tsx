import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Button } from '../components/button.tsx';
import { Key } from '../components/keys.tsx';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['a'], 'Approve, and go to the next'],
  [['r'], 'Reject: the reason, then Enter'],
  [['d'], 'Defer: reason, what protects meanwhile, until when'],
  [['q'], 'Ask a question'],
  [['c'], 'Clear: undecided again'],
  [['u'], 'Undo what was done last'],
  [['j'], 'Next'],
  [['k'], 'Previous'],
  [['x'], 'Select or unselect'],
  [['Shift', 'j'], 'Select as you go down; Shift k: up'],
  [['Ctrl', 'A'], 'Select all that are shown'],
  [['Enter'], 'Go to the detail'],
  [['/'], 'Go to the filter'],
  [['Esc'], 'Unselect all, or leave what is open'],
];

const WORDS: readonly (readonly [string, string])[] = [
  ['undecided, approved, rejected, deferred, asked', 'what you decided'],
  ['new, newer, again, changed', 'beside the last list'],
  ['exploited, kev:ransomware, severe, severity:high', 'how pressing'],
  ['epss:0.1, cvss:7, endpoints:100, age:30', 'at least so much; age in days since the release'],
  ['age>30', 'more than so much'],
  ['due:7, overdue', 'the 14 days'],
  ['group:"Web servers", package:ssl, cve:2026-1', 'parts of names'],
  ['concern, answered, renewed, standing, excluded, reboot', 'what else is known'],
  ['-security', 'a minus turns a word round'],
];

export function DecideHelp(props: { readonly onClose: () => void }) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <Modal className="modal modal-wide">
        <Dialog className="dialog">
          <Heading slot="title">Keys and words of this list</Heading>
          <div className="keys-groups">
            <section>
              <h3>Keys</h3>
              <dl className="keys-list">
                {KEYS.map(([keys, does]) => (
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
            <section>
              <h3>Words of the filter</h3>
              <dl className="decide-words-list">
                {WORDS.map(([words, means]) => (
                  <div key={words}>
                    <dt>
                      <code>{words}</code>
                    </dt>
                    <dd className="soft">{means}</dd>
                  </div>
                ))}
              </dl>
            </section>
          </div>
          <div className="dialog-foot">
            <Button onPress={props.onClose} autoFocus>
              Close
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
