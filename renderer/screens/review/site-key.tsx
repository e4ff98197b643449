import { useState } from 'react';
import type { DeskPackView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { Digest } from '../../components/facts.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** Whether the pack is from the site: once, a person types what the site told them another way. */
export function SiteKey(props: { readonly pack: DeskPackView }) {
  const { desk } = useApplication();
  const { pack } = props;
  const [typed, setTyped] = useState('');
  const trust = useAction(() => desk.getState().trustSite(pack.id, typed));
  if (pack.siteKeyState === 'trusted') {
    return (
      <div className="narrow">
        <Note tone="good" title={`Signed with the key that you compared for ${pack.siteName}`} />
        <Digest digest={pack.siteKey} label="Key that signed the pack" />
      </div>
    );
  }
  if (pack.siteKeyState === 'other') {
    return (
      <Note tone="bad" title={`This pack is not signed with the key that you compared for ${pack.siteName}`}>
        <p>Do not decide on it. Ask the site, by telephone, whether it sent this pack. Its key is:</p>
        <Digest digest={pack.siteKey} label="Key that signed the pack" />
      </Note>
    );
  }
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.trim() !== '') void trust.run();
      }}
    >
      <h2>Is it from {pack.siteName}?</h2>
      <p className="field-hint">
        Type the 24 words, or the 64 digits, that the site sent you by letter or said by telephone. Do not
        copy them from the medium that brought the pack. It is done once for each site; until then nothing can
        be signed.
      </p>
      <TextField label="Fingerprint of the site" value={typed} onChange={setTyped} lines={2} mono />
      {trust.failure !== null && <FailureNote failure={trust.failure} what="The key is not trusted" />}
      <div className="form-foot form-foot-start">
        <Button kind="primary" type="submit" disabled={typed.trim() === ''} busy={trust.busy}>
          Compare
        </Button>
      </div>
    </form>
  );
}
