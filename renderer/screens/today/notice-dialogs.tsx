import { FileOutput } from 'lucide-react';
import { useState } from 'react';
import type { OutputOf } from '../../../contract/channels.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { DoneDialog, TaskDialog } from '../../components/task-dialog.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

/** A printed notice reached somebody: to whom, and when. */
export function RecordDialog(props: {
  readonly ids: readonly string[];
  readonly to: string;
  readonly onClose: () => void;
}) {
  const { notices, clock } = useApplication();
  const [to, setTo] = useState(props.to);
  const [at, setAt] = useState(() => toField(clock.getState().now));
  const instant = fromField(at);
  const record = useAction(() =>
    notices.getState().record({ ids: [...props.ids], to: to.trim(), at: instant ?? '' }),
  );
  const isReady = to.trim() !== '' && instant !== null;
  return (
    <TaskDialog
      title={`${countOf(props.ids.length, 'printed notice')} handed over`}
      busy={record.busy}
      onSubmit={() => {
        if (!isReady) return;
        void record.run().then((done) => {
          if (done !== null) props.onClose();
        });
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={record.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" busy={record.busy} disabled={!isReady}>
            Record it
          </Button>
        </>
      }
    >
      <TextField label="To whom" value={to} onChange={setTo} autoFocus />
      <TextField
        label="When"
        hint="Year-month-day and time in UTC, such as 2026-11-24 14:05."
        value={at}
        onChange={setAt}
        mono
      />
      {record.failure !== null && <FailureNote failure={record.failure} what="Nothing was recorded" />}
    </TaskDialog>
  );
}

const toField = (now: number): string => new Date(now).toISOString().slice(0, 16).replace('T', ' ');

function fromField(text: string): string | null {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})$/.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined) return null;
  const at = Date.parse(`${day}T${time}:00.000Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/** A file for each person, as a rule onto a medium. */
export function DropDialog(props: { readonly ids: readonly string[]; readonly onClose: () => void }) {
  const { notices } = useApplication();
  const [folder, setFolder] = useState('');
  const [done, setDone] = useState<OutputOf<'notices.drop'> | null>(null);
  const drop = useAction(() => notices.getState().drop(props.ids, folder.trim()));
  if (done !== null) {
    return (
      <DoneDialog title="The files are written" next="Close" onNext={props.onClose} onClose={props.onClose}>
        <p>The notices count as told by file, with the SHA-256 of each file on record.</p>
        <Facts
          stacked
          facts={done.map((file) => ({
            label: `${file.to}: ${countOf(file.notices, 'notice')}`,
            value: (
              <>
                <code>{file.file}</code> <Digest digest={file.sha256} label={`SHA-256 for ${file.to}`} />
              </>
            ),
          }))}
        />
      </DoneDialog>
    );
  }
  const isReady = folder.trim() !== '';
  return (
    <TaskDialog
      title={`Write ${countOf(props.ids.length, 'notice')} as files`}
      busy={drop.busy}
      onSubmit={() => {
        if (isReady) void drop.run().then(setDone);
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={props.onClose} disabled={drop.busy}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" icon={FileOutput} busy={drop.busy} disabled={!isReady}>
            Write
          </Button>
        </>
      }
    >
      <p>Each person gets a file of their own, as text. Nobody reads there what was said to another.</p>
      <PathField
        label="Folder"
        value={folder}
        onChange={setFolder}
        pick={() => notices.getState().pickFolder('Where to write the notices')}
        autoFocus
      />
      {drop.failure !== null && <FailureNote failure={drop.failure} what="Not every file was written" />}
    </TaskDialog>
  );
}
