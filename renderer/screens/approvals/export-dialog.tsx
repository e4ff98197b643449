import { FileOutput } from 'lucide-react';
import { useState } from 'react';
import type { ExportedPack } from '../../../contract/reviews.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { useOperation } from '../../components/use-operation.ts';
import { formatInstant } from '../../format/dates.ts';
import { formatBytes, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { DoneDialog, TaskDialog } from '../../components/task-dialog.tsx';
import { Words } from '../../components/words.tsx';

/** Writes the list as one file for the customer, and shows the key that they have to compare. */
export function ExportDialog(props: { readonly approvalId: string; readonly onClose: () => void }) {
  const { approvals } = useApplication();
  const [file, setFile] = useState('');
  const write = useOperation(
    () => approvals.getState().exportPack(props.approvalId, file.trim()),
    (result) => result as unknown as ExportedPack,
  );
  const [done, setDone] = useState<ExportedPack | null>(null);
  if (done !== null) {
    return (
      <DoneDialog
        title="The review pack is written"
        next="Close"
        wide
        onNext={props.onClose}
        onClose={props.onClose}
      >
        <Facts
          facts={[
            { label: 'File', value: <code className="breakable">{done.file}</code> },
            { label: 'Size', value: formatBytes(done.bytes) },
            { label: 'Patches', value: formatCount(done.pack.patches) },
            { label: 'Cut-off', value: formatInstant(done.pack.cutOffAt) },
          ]}
        />
        <Note tone="info" title="Tell the customer the key of this site by another way than the medium">
          <p>
            They compare it once, by telephone or letter: in words or in digits. Whoever decides with the page
            in a browser also needs the SHA-256 of this pack’s page, to compare before they open it: a page
            that was replaced on the way can show any words.
          </p>
        </Note>
        <h3>Key of this site</h3>
        <Words words={done.siteKeyWords} label="Key of this site in words" />
        <Digest digest={done.siteKeyFingerprint} label="Fingerprint of the key of this site" />
        {done.pageSha256 !== null && (
          <>
            <h3>SHA-256 of review.html</h3>
            <Digest digest={done.pageSha256} label="SHA-256 of review.html" />
          </>
        )}
      </DoneDialog>
    );
  }
  return (
    <TaskDialog
      title="Export review pack"
      busy={write.busy}
      onSubmit={() => {
        if (file.trim() !== '') void write.run().then(setDone);
      }}
      onClose={props.onClose}
      foot={
        <>
          <Button onPress={write.busy ? write.cancel : props.onClose}>Cancel</Button>
          <Button
            kind="primary"
            type="submit"
            icon={FileOutput}
            busy={write.busy}
            disabled={file.trim() === ''}
          >
            Write the pack
          </Button>
        </>
      }
    >
      <p>
        One ZIP file for the medium: the signed list, a page that decides in any browser, and spreadsheets.
        The list stays as it is, so what was drafted here is kept.
      </p>
      <PathField
        label="Folder or new file on the medium"
        hint="In a folder the pack gets a name of its own."
        value={file}
        onChange={setFile}
        pick={() => approvals.getState().pickFolder('Where to write the review pack')}
        autoFocus
      />
      {write.operation !== undefined && <OperationProgress operation={write.operation} />}
      {write.failure !== null && <FailureNote failure={write.failure} what="Nothing was written" />}
    </TaskDialog>
  );
}
