import { BadgeCheck, FileCheck, KeyRound, Package, PenLine, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { BundleView, TrustView } from '../../../contract/catalogue.ts';
import { formatDay } from '../../format/dates.ts';
import { countOf, formatBytes, formatCount, groupDigest, shortenDigest } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';

/**
 * How far the chain holds: `untrusted`, nobody vouches for the root yet, and so for nothing below it; `inspected`, the
 * signatures hold, the files were not read yet; `imported`, every hash was checked.
 */
export type TrustStage = 'untrusted' | 'inspected' | 'imported';

/** From the root key to the package, each link naming what it vouches for the next with. */
export function TrustChain(props: {
  readonly bundle: BundleView;
  readonly trust: TrustView | null;
  readonly rootFingerprint: string | null;
  readonly stage: TrustStage;
}) {
  const { bundle, trust, stage } = props;
  const signed = stage === 'untrusted' ? 'pending' : 'holds';
  const read = stage === 'imported' ? 'holds' : 'pending';
  const root = trust?.root ?? null;
  const packages = bundle.repositories.reduce((sum, repository) => sum + repository.packages, 0);
  return (
    <ol className="chain">
      <Link
        icon={KeyRound}
        title="Root key"
        proof={root === null ? 'Not pinned yet' : 'Pinned by a person'}
        state={stage === 'untrusted' ? 'open' : 'holds'}
      >
        {props.rootFingerprint !== null && (
          <code className="chain-print">
            {groupDigest(props.rootFingerprint)
              .slice(0, 4)
              .map((group, index) => (
                <span key={index}>{group}</span>
              ))}
          </code>
        )}
        {root !== null && (
          <span>
            Version {root.version}, {root.threshold} of {countOf(root.keys, 'key')}, until{' '}
            {formatDay(root.expiresAt)}
          </span>
        )}
      </Link>
      <Link
        icon={PenLine}
        state={signed}
        title="Roles"
        proof={`${countOf(bundle.signatures.length, 'signature')}`}
      >
        {bundle.signatures.map((signature) => (
          <span key={`${signature.role}${signature.keyId}`}>
            {capitalise(signature.role)} {signature.version} <code>{signature.keyId.slice(0, 8)}</code>
          </span>
        ))}
      </Link>
      <Link
        icon={FileCheck}
        state={signed}
        title="Manifest"
        proof={`${countOf(bundle.objects, 'hash', 'hashes')}`}
      >
        <code>{shortenDigest(bundle.manifestSha256)}</code>
        <span>Names every file by hash and size</span>
      </Link>
      <Link
        icon={BadgeCheck}
        state={read}
        title="Vendor"
        proof={`${countOf(bundle.repositories.length, 'signed release file')}`}
      >
        {[...new Set(bundle.repositories.map((repository) => repository.suite))].slice(0, 3).map((suite) => (
          <span key={suite}>{suite}</span>
        ))}
        <span>Checked again on the endpoint</span>
      </Link>
      <Link icon={Package} state={read} title="Packages" proof={`${formatCount(packages)} named`}>
        <span>{formatBytes(bundle.bytes)} carried</span>
        {bundle.missing.length > 0 && <span>{formatCount(bundle.missing.length)} not to be had</span>}
      </Link>
    </ol>
  );
}

function Link(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly proof: string;
  readonly state: 'holds' | 'pending' | 'open';
  readonly children: ReactNode;
}) {
  const { icon: Icon } = props;
  return (
    <li className={`chain-link chain-${props.state}`}>
      <span className="chain-icon">
        <Icon aria-hidden size={17} />
      </span>
      <strong>
        {props.title}
        {props.state !== 'holds' && <span className="unseen">, not checked yet</span>}
      </strong>
      <span className="chain-proof">{props.proof}</span>
      <span className="chain-detail">{props.children}</span>
    </li>
  );
}
