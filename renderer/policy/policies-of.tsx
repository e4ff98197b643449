import { useEffect, useState } from 'react';
import type { Failure } from '../../contract/errors.ts';
import type { PolicyView } from '../../contract/policies.ts';
import { Digest, Facts } from '../components/facts.tsx';
import { FailureNote } from '../components/notes.tsx';
import { formatWhenInside } from '../format/dates.ts';
import { useApplication, useNow } from '../stores/context.tsx';
import { factsOfPolicy } from './policy-preview.tsx';

/**
 * The customer's policies that an approval, and so its run, was made under, as they were signed: kept with it, whatever is in force
 * since.
 *
 * @param props.stamp anything that changes when the approval is decided anew
 */
export function PoliciesOf(props: { readonly approvalId: string; readonly stamp: string }) {
  const { policies } = useApplication();
  const now = useNow(60_000);
  const { approvalId, stamp } = props;
  const [read, setRead] = useState<readonly PolicyView[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let current = true;
    void policies
      .getState()
      .ofApproval(approvalId)
      .then((reply) => {
        if (!current) return;
        setRead(reply.ok ? reply.value : null);
        setFailure(reply.ok ? null : reply.failure);
      });
    return () => {
      current = false;
    };
  }, [policies, approvalId, stamp]);
  if (failure !== null)
    return <FailureNote failure={failure} what="The policies it was made under could not be read" />;
  if (read === null) return null;
  if (read.length === 0) {
    return (
      <p className="soft small">
        Made under no policy: the customer had signed none, so it took an explicit yes.
      </p>
    );
  }
  return (
    <div className="policies-of" role="group" aria-label="Made under">
      {read.map((policy) => (
        <details key={policy.sha256}>
          <summary>
            Made under policy {policy.group}, version {policy.version}
            {!policy.inForce && <span className="soft">, replaced since</span>}
          </summary>
          <div className="policies-of-one">
            <p className="soft small">
              Signed by {policy.signedBy} for {policy.customer}, {formatWhenInside(policy.signedAt, now)}
            </p>
            <Facts stacked facts={factsOfPolicy(policy.terms, now)} />
            <p className="soft small">SHA-256 of what was signed</p>
            <Digest
              digest={policy.sha256}
              label={`Fingerprint of policy ${policy.group}, version ${policy.version}`}
            />
          </div>
        </details>
      ))}
    </div>
  );
}
