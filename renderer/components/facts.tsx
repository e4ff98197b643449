import type { ReactNode } from 'react';
import { groupDigest, groupHostKey } from '../format/figures.ts';
import { CopyButton } from './notes.tsx';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
}

export function Facts(props: { readonly facts: readonly Fact[]; readonly stacked?: boolean }) {
  return (
    <dl className={props.stacked === true ? 'facts facts-stacked' : 'facts'}>
      {props.facts.map((fact) => (
        <div key={fact.label} className="fact">
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A digest written to be compared by eye, group by group. */
export function Digest(props: { readonly digest: string; readonly label: string }) {
  return (
    <div className="fingerprint" role="group" aria-label={props.label}>
      <code className="fingerprint-groups">
        {groupDigest(props.digest).map((group, index) => (
          <span key={index}>{group}</span>
        ))}
      </code>
      <CopyButton text={props.digest} />
    </div>
  );
}

export function HostKeyPrint(props: { readonly hostKey: string; readonly label: string }) {
  const { algorithm, groups } = groupHostKey(props.hostKey);
  return (
    <div className="fingerprint" role="group" aria-label={props.label}>
      <code className="fingerprint-groups">
        <span className="fingerprint-algorithm">{algorithm}</span>
        {groups.map((group, index) => (
          <span key={index}>{group}</span>
        ))}
      </code>
      <CopyButton text={props.hostKey} />
    </div>
  );
}

/** From one version to the next, the parts that differ standing out. */
export function VersionChange(props: { readonly from: string | null; readonly to: string | null }) {
  return (
    <span className="version-change">
      <code>{props.from ?? 'not installed'}</code>
      <span aria-label="to">→</span>
      <code className="version-to">{props.to ?? 'removed'}</code>
    </span>
  );
}
