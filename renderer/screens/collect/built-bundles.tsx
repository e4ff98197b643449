import { BookText, Package, PackagePlus } from 'lucide-react';
import { useStore } from 'zustand';
import type { BuiltBundle } from '../../../contract/collect.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { formatAge, formatInstant } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { BuildBundle } from './build-bundle.tsx';
import { BuiltDetail } from './built-detail.tsx';
import { FirstSteps } from './first-steps.tsx';
import { SiteRegisters } from './site-registers.tsx';

/** Every bundle that was built here, and the way to the next. */
export function BuiltBundlesScreen() {
  const { collect, navigation, session } = useApplication();
  const built = useStore(collect, (state) => state.built);
  const section = useStore(navigation, (state) => state.section.bundles ?? 'list');
  const openId = useStore(navigation, (state) => state.open.bundles ?? null);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const now = useNow(60_000);
  const { openObject, openSection } = navigation.getState();
  const registers = useStore(collect, (state) => state.register.value) ?? [];
  if (built.value === null) {
    return built.failure === null ? <Loading what="the bundles" /> : <FailureNote failure={built.failure} />;
  }
  const building = section === 'build' && isEngineer;
  const bundles = built.value;
  const chosen = bundles.find((bundle) => idOf(bundle) === openId) ?? bundles[0];
  return (
    <div className="master">
      <ScreenHead
        title={building ? 'Build a bundle' : section === 'sites' ? 'What sites were given' : 'Bundles'}
        {...(building || section === 'sites' ? {} : { count: bundles.length })}
        summary={
          bundles[0] === undefined
            ? 'Nothing built yet'
            : `The newest is ${bundles[0].stream} ${bundles[0].seq}, built ${ageOf(bundles[0], now)}`
        }
        actions={
          !building && (
            <>
              {registers.length > 0 && (
                <Button
                  icon={BookText}
                  onPress={() => openSection('bundles', section === 'sites' ? 'list' : 'sites')}
                >
                  {section === 'sites' ? 'Bundles' : 'What sites were given'}
                </Button>
              )}
              {isEngineer && bundles.length > 0 && (
                <Button kind="primary" icon={PackagePlus} onPress={() => openSection('bundles', 'build')}>
                  Build a bundle
                </Button>
              )}
            </>
          )
        }
      />
      {building ? (
        <BuildBundle />
      ) : section === 'sites' ? (
        <SiteRegisters registers={registers} isEngineer={isEngineer} />
      ) : chosen === undefined ? (
        <Empty icon={Package} title="No bundle was built yet">
          <FirstSteps />
        </Empty>
      ) : (
        <div className="queue">
          <ObjectList
            label="Bundles"
            groups={[{ title: 'Newest first', items: bundles }]}
            keyOf={idOf}
            chosen={idOf(chosen)}
            onChoose={(bundle) => openObject('bundles', idOf(bundle))}
          >
            {(bundle) => (
              <>
                <div className="object-line">
                  <strong>
                    {bundle.stream} {bundle.seq}
                  </strong>
                  <span className="figures">{formatBytes(bundle.bytes)}</span>
                </div>
                <div className="object-line soft">
                  <span>{bundle.needs.join(', ')}</span>
                  <span>{ageOf(bundle, now)}</span>
                </div>
              </>
            )}
          </ObjectList>
          <div className="detail scroll">
            <header className="detail-head">
              <div>
                <h2>
                  Bundle {chosen.stream} {chosen.seq}
                </h2>
                <p className="soft">
                  Built {formatInstant(chosen.createdAt)} by {chosen.builtBy}, for {chosen.needs.join(', ')}.{' '}
                  {countOf(chosen.objects, 'object')}, {formatBytes(chosen.bytes)}.
                </p>
              </div>
            </header>
            <BuiltDetail built={chosen} />
          </div>
        </div>
      )}
    </div>
  );
}

/** The minute that is shown may have begun before the bundle was built. */
const ageOf = ({ createdAt }: BuiltBundle, now: number): string =>
  formatAge(createdAt, Math.max(now, Date.parse(createdAt)));

const idOf = (bundle: BuiltBundle): string =>
  `${bundle.fingerprint.slice(0, 12)}/${bundle.stream}/${bundle.seq}`;
