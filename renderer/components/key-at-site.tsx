import type { KeyAtSite } from '../../contract/packs.ts';
import { formatInstant } from '../format/dates.ts';
import { Note } from './notes.tsx';

/** What a site's pack said of the key that would sign; nothing where there is nothing to do. */
export function KeyAtSiteNote(props: {
  readonly state: KeyAtSite;
  readonly siteName: string;
  /** When the site said it. */
  readonly at: string;
}) {
  const { siteName } = props;
  const said = `So it was on ${formatInstant(props.at)}, when ${siteName} made the pack.`;
  switch (props.state) {
    case 'enrolled':
    case 'not-said':
      return null;
    case 'revoked':
      return (
        <Note tone="bad" title={`${siteName} has revoked your key`}>
          <p>
            It refuses what you sign with it. If you still decide for them, make a new key and have it
            enrolled, then sign. {said}
          </p>
        </Note>
      );
    case 'expired':
      return (
        <Note tone="warn" title={`Your key has expired at ${siteName}`}>
          <p>It refuses what you sign with it. Make a new key and have it enrolled, then sign.</p>
        </Note>
      );
    case 'not-enrolled':
      return (
        <Note tone="warn" title={`${siteName} has not enrolled your key`}>
          <p>
            Give it your enrolment sheet. What you sign counts once the key is enrolled, also when you sign
            before. {said}
          </p>
        </Note>
      );
  }
}
