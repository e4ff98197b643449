import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import {
  Autocomplete,
  Dialog,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  Text,
} from 'react-aria-components';
import { useApplication, useNow } from '../stores/context.tsx';
import { collectEntries, findEntries, type PaletteEntry } from './palette-entries.ts';

/** Every action and every object, by name. */
export function Palette() {
  const application = useApplication();
  const now = useNow(60_000);
  const [text, setText] = useState('');
  // Taken once, when it opens: a list that moves under the hand is worse than one a second old.
  const [entries] = useState(() => collectEntries(application, now));
  const shown = useMemo(() => findEntries(entries, text), [entries, text]);
  const close = (): void => application.navigation.getState().showPalette(false);
  const act = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return;
    close();
    entry.act();
  };
  return (
    <ModalOverlay
      className="overlay overlay-top"
      isOpen
      isDismissable
      onOpenChange={(open) => (open ? undefined : close())}
    >
      <Modal className="modal palette">
        <Dialog aria-label="Go to or do">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField
              className="palette-search"
              // The list takes the focus a moment after the last letter; whoever is faster means the first entry.
              onSubmit={() => act(shown[0])}
              aria-label="Name of a screen, an action or an object"
              autoFocus
            >
              <Search aria-hidden size={17} />
              <Input className="palette-input" placeholder="Name of a screen, an action or an object" />
            </SearchField>
            <div className="palette-scroll" tabIndex={0} role="group" aria-label="What fits">
              <Menu
                className="palette-list"
                aria-label="What fits"
                items={shown}
                dependencies={[shown]}
                renderEmptyState={() => <p className="palette-none">Nothing is called that.</p>}
                onAction={(id) => act(shown.find((entry) => entry.id === id))}
              >
                {(entry) => {
                  const Icon = entry.icon;
                  return (
                    <MenuItem id={entry.id} textValue={entry.title} className="palette-item">
                      <Icon aria-hidden size={16} />
                      <Text slot="label" className="palette-text">
                        <span className="palette-title">{entry.title}</span>{' '}
                        <span className="palette-kind">{entry.kind}</span>
                      </Text>
                    </MenuItem>
                  );
                }}
              </Menu>
            </div>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
