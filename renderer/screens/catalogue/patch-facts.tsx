import { Flame, Skull } from 'lucide-react';
import type { AdvisoryView, CveView, PatchDetail } from '../../../contract/risk.ts';
import { Badge } from '../../components/status.tsx';
import { formatDay } from '../../format/dates.ts';
import { countOf, shortenDigest } from '../../format/figures.ts';
import { describeRisk, formatLikelihood } from '../../format/risk.ts';
import { capitalise, toneOfSeverity } from '../../format/words.ts';

/** Why it stands where it stands, what vendors say of it and where that was read, and each CVE with who scored it. */
export function PatchFacts(props: { readonly detail: PatchDetail; readonly severity: string }) {
  const { detail } = props;
  return (
    <>
      <p className="risk-reason">
        {describeRisk(detail.risk, props.severity).reason}.
        {detail.publishedAt !== null && ` Released ${formatDay(detail.publishedAt)}.`}
      </p>
      {detail.supersededBy.map((patch) => (
        <p key={patch.id} className="soft">
          Superseded by <code>{patch.version}</code>
          {patch.carried ? '' : ', which is not carried'}
        </p>
      ))}
      {detail.supersedes.map((patch) => (
        <p key={patch.id} className="soft">
          Supersedes <code>{patch.version}</code>
          {patch.carried ? ', still carried' : ''}
        </p>
      ))}
      {detail.advisories.length > 0 && (
        <>
          <h3>{countOf(detail.advisories.length, 'advisory', 'advisories')}</h3>
          <ul className="advisory-list">
            {detail.advisories.map((advisory) => (
              <AdvisoryItem key={advisory.id} advisory={advisory} />
            ))}
          </ul>
        </>
      )}
      {detail.cves.length > 0 && (
        <>
          <h3>{countOf(detail.cves.length, 'CVE')}</h3>
          <ul className="advisory-list">
            {detail.cves.map((cve) => (
              <CveItem key={cve.cve} cve={cve} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function AdvisoryItem(props: { readonly advisory: AdvisoryView }) {
  const { advisory } = props;
  return (
    <li>
      <div className="object-line">
        <strong>{advisory.advisory ?? advisory.title}</strong>
        {advisory.severity !== 'not stated' && (
          <Badge tone={toneOfSeverity(advisory.severity)}>{capitalise(advisory.severity)}</Badge>
        )}
      </div>
      <div className="soft">
        Fixed in <code>{advisory.fixedVersion}</code>
        {advisory.publishedAt !== null && `, ${formatDay(advisory.publishedAt)}`}
      </div>
      <div className="soft">
        Read in {advisory.provenance.kind} {advisory.provenance.document}, SHA-256{' '}
        <code>{shortenDigest(advisory.provenance.sha256)}</code>
      </div>
    </li>
  );
}

function CveItem(props: { readonly cve: CveView }) {
  const { cve } = props;
  const exploiters = cve.vendor.filter((item) => item.exploited === true).map((item) => item.source);
  return (
    <li>
      <div className="object-line">
        <code>{cve.cve}</code>
        {cve.kev !== null && (
          <Badge tone="bad" icon={cve.kev.ransomware ? Skull : Flame}>
            {cve.kev.ransomware ? 'Exploited, ransomware' : 'Exploited'}
          </Badge>
        )}
      </div>
      {cve.kev !== null && (
        <div className="soft">
          Listed by CISA {formatDay(cve.kev.dateAdded)}
          {cve.kev.dueDate !== null && `, due ${formatDay(cve.kev.dueDate)}`}
        </div>
      )}
      {exploiters.length > 0 && <div className="soft">Exploited, says {exploiters.join(', ')}</div>}
      <div className="soft">
        EPSS {formatLikelihood(cve.epss?.score ?? null)}
        {typeof cve.epss?.percentile === 'number' &&
          `, higher than ${Math.floor(cve.epss.percentile * 100)} % of CVEs`}
        {cve.epss?.current === false && `, of the older model ${cve.epss.model}: not compared`}
      </div>
      {cve.cvss.length === 0 ? (
        <div className="soft">CVSS unknown</div>
      ) : (
        cve.cvss.map((score) => (
          <div key={`${score.source}${score.vector}`} className="soft">
            CVSS {score.base.toFixed(1)} by {score.source} <code className="breakable">{score.vector}</code>
          </div>
        ))
      )}
      {cve.notAffected.length > 0 && (
        <div className="soft">This package was never affected, says {cve.notAffected.join(', ')}</div>
      )}
    </li>
  );
}
