import { CircleAlert, Info } from 'lucide-react';
import type { KeyStatusView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { Note } from '../../components/notes.tsx';
import { formatDay } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';
import { KeyTable } from './key-card.tsx';
import { KeyDraft } from './key-draft.tsx';
import { KEY_USES, WHY_GONE } from './key-words.ts';
import { Words } from '../../components/words.tsx';

/** Sentences that only say how it is; all others ask for something. */
const isPlain = (sentence: string): boolean => /are needed to change the root\.$/.test(sentence);

/** The button that does what a sentence asks for. */
function WayOut(props: { readonly keys: KeyStatusView }) {
  const { openSection } = useApplication().navigation.getState();
  return props.keys.keys.some(({ use }) => use === 'root') ? (
    <Button onPress={() => openSection('keys', 'change')}>Change the keys</Button>
  ) : (
    <Button onPress={() => openSection('keys', 'ceremony')}>Hold a key ceremony</Button>
  );
}

/** How the keys stand, and what to do next. */
export function KeyStatus(props: { readonly keys: KeyStatusView; readonly isEngineer: boolean }) {
  const { keys } = props;
  return (
    <div className="collect-main">
      {keys.draft !== null && <KeyDraft draft={keys.draft} isEngineer={props.isEngineer} />}
      <section>
        <h2>What to do next</h2>
        {keys.advice
          .filter((sentence) => keys.draft === null || !sentence.startsWith(`Root ${keys.draft.version} `))
          .map((sentence) => (
            <Note
              key={sentence}
              tone={isPlain(sentence) ? 'info' : 'warn'}
              icon={isPlain(sentence) ? Info : CircleAlert}
              action={!isPlain(sentence) && keys.draft === null && props.isEngineer && <WayOut keys={keys} />}
            >
              <p>{sentence}</p>
            </Note>
          ))}
        {keys.advice.every(isPlain) && keys.draft === null && (
          <p className="soft">Nothing is due. Rehearse once a year, with each keyholder.</p>
        )}
      </section>
      <section>
        <h2>Tell the sites by telephone</h2>
        <p className="field-hint">
          Fingerprint of the first root, in digits or in words. A site pins the root only if both are the
          same.
        </p>
        <Digest digest={keys.fingerprint} label="Fingerprint of the root" />
        <Words words={keys.fingerprintWords} />
      </section>
      <section>
        <h2>Keys</h2>
        {keys.keys.length > 0 && <KeyTable keys={keys.keys} />}
        <Facts
          facts={[
            { label: 'Root', value: `Version ${keys.version}, until ${formatDay(keys.expiresAt)}` },
            { label: 'Folder', value: <code>{keys.folder}</code> },
          ]}
        />
      </section>
      {keys.revoked.length > 0 && (
        <section>
          <h2>No longer trusted</h2>
          <ul className="plain-list">
            {keys.revoked.map(({ name, use, why, at }) => (
              <li key={`${name} ${at}`}>
                {name}, <span className="soft">{KEY_USES[use].toLowerCase()}</span>:{' '}
                {WHY_GONE[why].toLowerCase()}, {formatDay(at)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
