import { RefreshCw, Usb } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Button } from '../../components/button.tsx';
import { MediumBundle, MediumText } from '../../components/medium.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatBytes } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import type { Medium } from '../../stores/catalogue-store.ts';

/** Media that are plugged in, and a folder for everything else. */
export function ChooseMedium(props: {
  readonly folder: string;
  readonly onFolder: (folder: string) => void;
  readonly onLook: (folder: string, medium: Medium | null) => void;
  readonly busy: boolean;
  /** False once something was chosen: the button is then no longer what to do next. */
  readonly first: boolean;
}) {
  const { catalogue } = useApplication();
  const [media, setMedia] = useState<readonly Medium[]>([]);
  const list = useAction(() => catalogue.getState().listMedia());
  const find = (): void =>
    void list.run().then((found) => {
      if (found !== null) setMedia(found);
    });
  useEffect(() => {
    let current = true;
    void catalogue
      .getState()
      .listMedia()
      .then((reply) => {
        if (current && reply.ok) setMedia(reply.value);
      });
    return () => {
      current = false;
    };
  }, [catalogue]);
  const look = (folder: string): void =>
    props.onLook(folder, media.find((medium) => medium.folder === folder) ?? null);
  return (
    <section className="choose-medium">
      <div className="choose-head">
        <h2>Medium</h2>
        <Button kind="quiet" icon={RefreshCw} busy={list.busy} onPress={find}>
          Look for media again
        </Button>
      </div>
      {list.failure !== null && <FailureNote failure={list.failure} />}
      {media.length === 0 ? (
        <p className="soft">No removable medium is mounted. Plug it in, or name the folder.</p>
      ) : (
        <ul className="media">
          {media.map((medium) => (
            <li key={medium.mountPoint}>
              <AriaButton
                className="medium"
                aria-pressed={medium.folder === props.folder}
                onPress={() => {
                  props.onFolder(medium.folder);
                  look(medium.folder);
                }}
              >
                <Usb aria-hidden size={17} />
                <MediumText medium={medium} first={formatBytes(medium.size)} />
                <MediumBundle medium={medium} />
              </AriaButton>
            </li>
          ))}
        </ul>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (props.folder.trim() !== '') look(props.folder.trim());
        }}
      >
        <PathField
          label="Folder of the bundle, on the medium"
          value={props.folder}
          onChange={props.onFolder}
          pick={() => catalogue.getState().pickFolder()}
          onPicked={look}
          placeholder="/media/usb/bundle-41"
          autoFocus
        />
        <div className="form-foot form-foot-start">
          <Button
            type="submit"
            kind={props.first ? 'primary' : 'plain'}
            busy={props.busy}
            disabled={props.folder.trim() === ''}
          >
            Look at it
          </Button>
        </div>
      </form>
    </section>
  );
}
