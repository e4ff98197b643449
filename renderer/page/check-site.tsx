import { Button } from '../components/button.tsx';
import { Facts } from '../components/facts.tsx';
import { Note } from '../components/notes.tsx';
import { formatInstant } from '../format/dates.ts';
import { fingerprintGroups, fingerprintWords } from '../../main/core/fingerprint.ts';
import { pageCrypto } from './browser-crypto.ts';
import type { OpenedPack } from './open-pack.ts';
import { Words } from '../components/words.tsx';

/** Only the person in front of the page can say that the key which signed the pack is the site's. */
export function CheckSite(props: { readonly opened: OpenedPack; readonly onSame: () => void }) {
  const { pack, siteFingerprint } = props.opened;
  return (
    <section className="page-step scroll" aria-label="Check the site">
      <h2>Is this list from the site?</h2>
      <p>
        The list is signed, and it was not changed since. Compare the words with those that the site told you
        by telephone or letter. If one of them differs, do not decide on this list.
      </p>
      <Words words={fingerprintWords(siteFingerprint, pageCrypto)} className="page-words" />
      <p>or the same in digits:</p>
      <p className="card-digits">{fingerprintGroups(siteFingerprint)}</p>
      <Facts
        facts={[
          { label: 'Site', value: pack.siteName },
          { label: 'For', value: pack.customer === '' ? 'not said' : pack.customer },
          { label: 'Made', value: `${formatInstant(pack.createdAt)} by ${pack.createdBy}` },
          { label: 'Decide by', value: formatInstant(pack.cutOffAt) },
          { label: 'Patches', value: String(pack.patches.length) },
        ]}
      />
      <Note tone="warn" title="This page cannot vouch for itself">
        <p>
          Whoever could write to the medium could have put another page in its place, with the right words on
          it. Before you open your key here, check the file in one of the ways that the site gave you (they
          are in READ-ME.txt as well), or decide in the Review workspace of Sallyport.
        </p>
      </Note>
      <Note tone="info" title="Nothing leaves this page by itself">
        <p>
          It cannot connect to anything. What you decide is saved as a file that you give back to the site.
        </p>
      </Note>
      <div className="form-foot form-foot-start">
        <Button kind="primary" onPress={props.onSame} autoFocus>
          The words are the same
        </Button>
      </div>
    </section>
  );
}
