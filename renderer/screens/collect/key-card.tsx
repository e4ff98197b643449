import { Download, Printer } from 'lucide-react';
import type { KeyStatusView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';
import { KEY_USES } from './key-words.ts';
import { Words } from '../../components/words.tsx';

/** Sixteen groups of four digits, as the command line writes them too. */
const groupsOf = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ');

/** Pages to print: one for the sites, one for each keyholder. They hold no secret. */
export function KeyCards(props: { readonly keys: KeyStatusView; readonly onClose: () => void }) {
  const store = useApplication().keys;
  const save = useAction(() => store.getState().savePdf('root-of-trust.pdf'));
  const { keys } = props;
  const holders = keys.keys.filter(({ use }) => use === 'root');
  return (
    <div className="scroll cards">
      <div className="form-foot form-foot-start no-print">
        <Button kind="primary" icon={Printer} onPress={() => window.print()}>
          Print
        </Button>
        <Button icon={Download} busy={save.busy} onPress={() => void save.run()}>
          Save as PDF
        </Button>
        <Button onPress={props.onClose}>Back to the keys</Button>
        <span className="soft">{1 + holders.length} pages, without a secret on them.</span>
      </div>
      {save.failure !== null && <FailureNote failure={save.failure} what="Nothing was saved" />}
      <article className="card-page" aria-label="Page for the sites">
        <h2>Root of trust for Sallyport bundles</h2>
        <p>
          Root {keys.version}, until {formatDay(keys.expiresAt)}.{' '}
          {holders.length > 0 && `${keys.threshold} of ${holders.length} keyholders sign a change.`}
        </p>
        <h3>Fingerprint of the first root</h3>
        <p>
          Read it out by telephone, or send it by post; never with the media that carry the bundles. The site
          compares every group, or every word, before it pins the root.
        </p>
        <Fingerprint keys={keys} />
        {keys.keys.length > 0 && <KeyTable keys={keys.keys} />}
      </article>
      {holders.map((holder) => (
        <article className="card-page" key={holder.keyId} aria-label={`Page for ${holder.name}`}>
          <h2>Keyholder: {holder.name}</h2>
          <p>
            Your medium holds one of {holders.length} root keys, sealed with your passphrase. {keys.threshold}{' '}
            keyholders together can change whom all sites trust. Alone it can do nothing.
          </p>
          <h3>Keep</h3>
          <p>
            the medium in a safe place that no other keyholder uses, the passphrase apart from it. Plug it
            into no other machine than the one where roots are signed.
          </p>
          <h3>Once a year</h3>
          <p>
            rehearse: Signing keys, Rehearse, in the Collect workspace. If it does not open, say so while the
            others can replace it.
          </p>
          <h3>Lost or stolen</h3>
          <p>Tell the others at once. They replace your key: Signing keys, Change the keys.</p>
          <h3>Key id</h3>
          <p className="card-digits">{groupsOf(holder.keyId)}</p>
          <h3>Fingerprint of the first root</h3>
          <Fingerprint keys={keys} />
          <h3>Received, with a passphrase of my own</h3>
          <div className="card-line" />
        </article>
      ))}
      {holders.length === 0 && (
        <Note tone="warn" title="One key signs everything">
          <p>There are no keyholders, so there is no page for any.</p>
        </Note>
      )}
    </div>
  );
}

function Fingerprint({ keys }: { readonly keys: KeyStatusView }) {
  return (
    <>
      <p className="card-digits">{groupsOf(keys.fingerprint)}</p>
      <p>or in words:</p>
      <Words words={keys.fingerprintWords} />
    </>
  );
}

/** Names, uses, beginnings of ids and dates of keys. */
export function KeyTable(props: { readonly keys: KeyStatusView['keys'] }) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>Key</th>
          <th>For</th>
          <th>Key id begins</th>
          <th>Replace by</th>
        </tr>
      </thead>
      <tbody>
        {props.keys.map((key) => (
          <tr key={key.keyId}>
            <td>{key.name}</td>
            <td>{KEY_USES[key.use]}</td>
            <td className="mono">{key.keyId.slice(0, 16)}</td>
            <td>{formatDay(key.replaceBy)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
