import { FileSignature, Layers, Pencil } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { GroupView, PolicyView } from '../../../contract/policies.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatInstant } from '../../format/dates.ts';
import { countOf, shortenDigest } from '../../format/figures.ts';
import { factsOfPolicy } from '../../policy/policy-preview.tsx';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { ImportSigned } from './import-signed.tsx';
import { SignHere } from './sign-here.tsx';
import { Delegations, Emergencies } from './statements.tsx';

/** Whose each patch group is, under which signed policy its patches are decided, and who may decide for whom. */
export function GroupsAndPolicies() {
  const { policies, session } = useApplication();
  const { groups, policies: signed } = useStore(policies);
  const mayImport = useStore(session, (state) => holdsRole(state, 'engineer'));
  useEffect(() => void policies.getState().refresh(), [policies]);
  const failure = groups.failure ?? signed.failure;
  if (groups.value === null || signed.value === null) {
    return failure === null ? (
      <Loading what="the groups" />
    ) : (
      <FailureNote failure={failure} what="The groups could not be read" />
    );
  }
  const all = signed.value;
  return (
    <div className="scroll settings settings-wide">
      {failure !== null && <FailureNote failure={failure} what="The groups could not be read again" />}
      {groups.value.length === 0 && (
        <Empty icon={Layers} title="No group yet">
          <p>Every endpoint is in a patch group. Add endpoints first.</p>
        </Empty>
      )}
      {groups.value.map((group) => (
        <Group key={group.name} group={group} signed={all.filter((item) => item.group === group.name)} />
      ))}
      {mayImport && (
        <ImportSigned
          what="policy"
          hint="A file that an approver of the customer signed. The version that it replaces stays in the history."
          take={(file) => policies.getState().importPolicy(file)}
          say={(policy) =>
            `Version ${String(policy.version)} for ${policy.group} is in, signed by ${policy.signedBy}.`
          }
        />
      )}
      <Delegations />
      <Emergencies />
    </div>
  );
}

function Group(props: { readonly group: GroupView; readonly signed: readonly PolicyView[] }) {
  const { session } = useApplication();
  const { group, signed } = props;
  const mayChange = useStore(session, (state) => holdsRole(state, 'engineer', 'service-manager'));
  const maySign = useStore(session, (state) => holdsRole(state, 'approver')) && group.customer !== '';
  const [changing, setChanging] = useState(false);
  const [signing, setSigning] = useState(false);
  const inForce = signed.find((policy) => policy.inForce);
  const older = signed.filter((policy) => !policy.inForce);
  return (
    <section className="card" aria-label={`Group ${group.name}`}>
      <h2>{group.name}</h2>
      <p className="soft">
        {countOf(group.endpoints, 'endpoint')}.{' '}
        {group.customer === '' ? 'Nobody said yet whose they are.' : `Customer: ${group.customer}.`}
      </p>
      {changing ? (
        <ChangeCustomer group={group} onDone={() => setChanging(false)} />
      ) : (
        mayChange && (
          <div className="no-print">
            <Button icon={Pencil} onPress={() => setChanging(true)}>
              {`Change the customer of ${group.name}`}
            </Button>
          </div>
        )
      )}
      {inForce === undefined ? (
        <p>
          The customer has signed no policy. Opt-in applies: nothing is installed without an explicit yes of
          one approver.
        </p>
      ) : (
        <Policy policy={inForce} />
      )}
      {signing ? (
        <SignHere group={group} inForce={inForce} onDone={() => setSigning(false)} />
      ) : (
        maySign && (
          <div className="no-print">
            <Button icon={FileSignature} onPress={() => setSigning(true)}>
              {`Sign terms for ${group.name}`}
            </Button>
          </div>
        )
      )}
      {older.length > 0 && (
        <details>
          <summary>{countOf(older.length, 'earlier version')}</summary>
          <ul>
            {older.map((policy) => (
              <li key={policy.sha256}>
                Version {policy.version}, signed {formatInstant(policy.signedAt)} by {policy.signedBy},
                brought in {formatInstant(policy.importedAt)} by {policy.importedBy}:{' '}
                <code title={policy.sha256}>{shortenDigest(policy.sha256)}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Policy(props: { readonly policy: PolicyView }) {
  const { clock } = useApplication();
  const { policy } = props;
  // The day is enough for standing approvals; every second would draw the whole list anew.
  const now = useStore(clock, (state) => Math.floor(state.now / 60_000) * 60_000);
  return (
    <>
      <Facts
        facts={[
          ...factsOfPolicy(policy.terms, now),
          {
            label: 'Signed',
            value: `Version ${String(policy.version)}, by ${policy.signedBy} for ${policy.customer}, ${formatInstant(policy.signedAt)}`,
          },
          {
            label: 'Brought in',
            value: `${formatInstant(policy.importedAt)}, by ${policy.importedBy}`,
          },
        ]}
      />
      <Digest digest={policy.sha256} label={`SHA-256 of the policy of ${policy.group}`} />
    </>
  );
}

function ChangeCustomer(props: { readonly group: GroupView; readonly onDone: () => void }) {
  const { policies } = useApplication();
  const { name } = props.group;
  const [customer, setCustomer] = useState(props.group.customer);
  const change = useAction(() => policies.getState().setGroup({ name, customer: customer.trim() }));
  return (
    <form
      className="form no-print"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <TextField label={`Customer of ${name}`} value={customer} onChange={setCustomer} autoFocus />
      {change.failure !== null && (
        <FailureNote failure={change.failure} what="The group stays whose it was" />
      )}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" busy={change.busy}>
          Keep it
        </Button>
      </div>
    </form>
  );
}
