import { ScrollText, Siren, UserRoundCheck } from 'lucide-react';
import { useStore } from 'zustand';
import type { DeskStatement } from '../../../contract/statements.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { formatWhenInside } from '../../format/dates.ts';
import { sayStatement, STATEMENT_KINDS } from '../../format/statements.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { SignDelegation } from './sign-delegation.tsx';
import { SignEmergency } from './sign-emergency.tsx';
import { SignPolicy } from './sign-policy.tsx';
import { StatementPane } from './statement-pane.tsx';

/** What this customer signed beside decisions, and the three things that they can sign. */
export function PoliciesScreen() {
  const { navigation, statements } = useApplication();
  const { list, sites } = useStore(statements);
  const section = useStore(navigation, (state) => state.section.policies ?? 'list');
  const openId = useStore(navigation, (state) => state.open.policies ?? null);
  const { openObject, openSection } = navigation.getState();
  if (list.value === null || sites.value === null) {
    const failure = list.failure ?? sites.failure;
    return failure === null ? <Loading what="what you signed" /> : <FailureNote failure={failure} />;
  }
  const form = {
    sites: sites.value,
    onClose: () => openSection('policies', 'list'),
    onSigned: (signed: DeskStatement) => {
      openObject('policies', signed.sha256);
      openSection('policies', 'list');
    },
  };
  if (section === 'policy') return <SignPolicy {...form} />;
  if (section === 'delegation') return <SignDelegation {...form} />;
  if (section === 'emergency') return <SignEmergency {...form} />;
  const chosen = list.value.find(({ sha256 }) => sha256 === openId);
  if (chosen !== undefined) {
    return (
      <StatementPane key={chosen.sha256} statement={chosen} onClose={() => openObject('policies', null)} />
    );
  }
  return <SignedList list={list.value} />;
}

function SignedList(props: { readonly list: readonly DeskStatement[] }) {
  const { navigation } = useApplication();
  const now = useNow(60_000);
  const { list } = props;
  const begin = (section: string) => () => navigation.getState().openSection('policies', section);
  return (
    <div className="master">
      <ScreenHead
        title="Policies"
        count={list.length}
        summary="What you signed beside decisions: the terms of your groups, who stands in for you, what cannot wait"
        actions={
          <>
            <Button icon={Siren} onPress={begin('emergency')}>
              Emergency request
            </Button>
            <Button icon={UserRoundCheck} onPress={begin('delegation')}>
              Delegation
            </Button>
            <Button kind="primary" icon={ScrollText} onPress={begin('policy')}>
              Policy
            </Button>
          </>
        }
      />
      {list.length === 0 ? (
        <Empty icon={ScrollText} title="You have signed nothing yet">
          <p>
            Without a policy, nothing is installed without your explicit yes. A policy says for one patch
            group what silence means, who must approve, and what never comes or needs no question. You sign it
            with your own key and give the file to the site.
          </p>
        </Empty>
      ) : (
        <div className="pack-list scroll">
          <ul>
            {list.map((item) => (
              <li key={item.sha256}>
                <button
                  type="button"
                  className="pack-line"
                  onClick={() => navigation.getState().openObject('policies', item.sha256)}
                >
                  <span className="object-line">
                    <strong>{sayStatement(item)}</strong>
                    <span className="badge tone-quiet">{STATEMENT_KINDS[item.kind]}</span>
                  </span>
                  <span className="object-line soft">
                    <span>
                      {item.siteName === '' ? `Site ${item.siteId}` : item.siteName}, signed{' '}
                      {formatWhenInside(item.signedAt, now)}
                    </span>
                    <span className="mono signed-file">{item.files.at(-1)?.file ?? 'Not written yet'}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
