import type { BuiltBundle } from '../../../contract/collect.ts';
import { Digest, Facts } from '../../components/facts.tsx';
import { formatDay, formatInstant } from '../../format/dates.ts';
import { countOf, formatBytes, formatShare } from '../../format/figures.ts';

const FEEDS: Readonly<Record<BuiltBundle['feeds'][number]['feed'], string>> = {
  'cisa-kev': 'CISA, known exploited vulnerabilities',
  'first-epss': 'FIRST, EPSS',
};

/** What a build gave: how large, from whom, what it lacks, and the fingerprint to read out. */
export function BuiltDetail(props: { readonly built: BuiltBundle }) {
  const { built } = props;
  const whole = built.bytes + built.heldBytes;
  return (
    <>
      <section>
        <h3>Tell the site by telephone</h3>
        <p className="field-hint">
          At its first import the site compares this with what it reads on the medium. Never send both the
          same way.
        </p>
        <Digest digest={built.fingerprint} label="Fingerprint of the root" />
      </section>
      <section>
        <h3>What it carries</h3>
        <div
          className="sizes"
          role="img"
          aria-label={`${formatBytes(built.bytes)} carried of ${formatBytes(whole)}`}
        >
          <div className="sizes-bar">
            <span style={{ flexGrow: built.bytes }} className="bar-carried" />
            {built.heldBytes > 0 && <span style={{ flexGrow: built.heldBytes }} className="bar-quiet" />}
          </div>
          <p>
            <strong>{formatBytes(built.bytes)}</strong> carried
            {built.heldBytes > 0
              ? `, ${formatShare(built.bytes, whole)} of the ${formatBytes(whole)} that a full bundle would have`
              : ': nothing was left out'}
          </p>
        </div>
        <Facts
          facts={[
            {
              label: 'Packages',
              value: `${countOf(built.upgrades, 'upgrade')}, ${countOf(built.additions, 'addition')}`,
            },
            {
              label: 'Left out',
              value:
                built.alreadyHeld === 0
                  ? 'Nothing'
                  : `${countOf(built.alreadyHeld, 'package')} that the site has`,
            },
            {
              label: 'Fixes',
              value: `${countOf(built.cves, 'CVE')} in ${countOf(built.advisories, 'advisory', 'advisories')}`,
            },
            { label: 'Builds on', value: built.base === 0 ? 'Nothing' : `${built.stream} ${built.base}` },
            ...(built.pruned === undefined || built.pruned.files === 0
              ? []
              : [
                  {
                    label: 'Download folder',
                    value: `${countOf(built.pruned.files, 'file')} removed that no build used for long, ${formatBytes(built.pruned.bytes)}`,
                  },
                ]),
            ...(built.site === null ? [] : [{ label: 'Register', value: built.site }]),
            built.volumes.length > 1
              ? {
                  label: countOf(built.volumes.length, 'medium', 'media'),
                  value: (
                    <ul className="plain-list">
                      {built.volumes.map((folder) => (
                        <li key={folder}>
                          <code>{folder}</code>
                        </li>
                      ))}
                    </ul>
                  ),
                }
              : { label: 'Folder', value: <code>{built.folder}</code> },
          ]}
        />
      </section>
      <section>
        <h3>Vendor releases</h3>
        <table className="plain-table">
          <thead>
            <tr>
              <th>Repository</th>
              <th>Suite</th>
              <th>Released</th>
              <th>Valid until</th>
              <th>Signed by</th>
            </tr>
          </thead>
          <tbody>
            {built.repositories.map((repository) => (
              <tr key={`${repository.root}${repository.suite}`}>
                <td>{repository.root}</td>
                <td>{repository.suite}</td>
                <td>{formatInstant(repository.releaseDate)}</td>
                <td>{repository.validUntil === null ? 'Not stated' : formatDay(repository.validUntil)}</td>
                <td className="mono">{repository.signedBy.map((key) => key.slice(-16)).join(' ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {built.feeds.length > 0 && (
        <section>
          <h3>Lists that risk is judged by</h3>
          <table className="plain-table">
            <thead>
              <tr>
                <th>List</th>
                <th>Version</th>
                <th>Made</th>
              </tr>
            </thead>
            <tbody>
              {built.feeds.map(({ feed, version, date }) => (
                <tr key={feed}>
                  <td>{FEEDS[feed]}</td>
                  <td className="mono">{version}</td>
                  <td>{formatDay(date)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {built.missing.length > 0 && (
        <section>
          <h3>Not to be had: {built.missing.length}</h3>
          <ul className="plain-list">
            {built.missing.map(({ path, reason }) => (
              <li key={path}>
                <code>{path}</code>: <span className="soft">{reason}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {built.withoutChangelog.length > 0 && (
        <section>
          <h3>Without a changelog: {built.withoutChangelog.length}</h3>
          <p className="soft">What these fix is known from advisories only.</p>
          <ul className="plain-list mono">
            {built.withoutChangelog.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
      {built.unmet.length > 0 && (
        <section>
          <h3>Without a candidate: {built.unmet.length}</h3>
          <ul className="plain-list mono">
            {built.unmet.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
