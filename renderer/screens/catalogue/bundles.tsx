import { FolderInput, Package } from 'lucide-react';
import { useStore } from 'zustand';
import type { BundleView } from '../../../contract/catalogue.ts';
import { Button } from '../../components/button.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { Empty } from '../../components/notes.tsx';
import { Badge } from '../../components/status.tsx';
import { formatAge, formatInstant, formatWhenInside } from '../../format/dates.ts';
import { countOf, formatBytes, formatCount } from '../../format/figures.ts';
import type { Tone } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { CustodySection } from './custody.tsx';
import { BundleDiff } from './bundle-diff.tsx';
import { TrustChain } from './trust-chain.tsx';

const DAY_MS = 86_400_000;

/** How old the signed content is. Thirty days is when a site should have had another bundle. */
export function judgeFreshness(
  createdAt: string,
  now: number,
): { readonly word: string; readonly tone: Tone } {
  const days = (now - Date.parse(createdAt)) / DAY_MS;
  if (days <= 14) return { word: 'Fresh', tone: 'good' };
  if (days <= 30) return { word: 'Ageing', tone: 'warn' };
  return { word: 'Old', tone: 'bad' };
}

export function Bundles(props: { readonly bundles: readonly BundleView[]; readonly mayImport: boolean }) {
  const { catalogue, navigation } = useApplication();
  const now = useNow(60_000);
  const trust = useStore(catalogue, (state) => state.trust.value);
  const openId = useStore(navigation, (state) => state.open.catalogue ?? null);
  const { openObject, openSection } = navigation.getState();
  const sorted = [...props.bundles].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const chosen = sorted.find((bundle) => bundle.id === openId) ?? sorted[0];
  const before = sorted.find(
    (bundle) => chosen !== undefined && bundle.stream === chosen.stream && bundle.seq < chosen.seq,
  );
  if (chosen === undefined) {
    return (
      <Empty
        icon={Package}
        title="No bundle yet"
        action={
          props.mayImport && (
            <Button kind="primary" icon={FolderInput} onPress={() => openSection('catalogue', 'import')}>
              Import a bundle
            </Button>
          )
        }
      >
        <p>
          A bundle is a signed folder that comes on removable media from the connected side. It carries the
          vendor&apos;s own release files, untouched, and just the packages that this site needs.
        </p>
      </Empty>
    );
  }
  return (
    <div className="queue">
      <ObjectList
        label="Bundles"
        groups={[{ title: 'Newest first', items: sorted }]}
        keyOf={(bundle) => bundle.id}
        chosen={chosen.id}
        onChoose={(bundle) => openObject('catalogue', bundle.id)}
      >
        {(bundle) => {
          // An older bundle is only history: it is the newest that says how fresh the catalogue is.
          const freshness = bundle === sorted[0] ? judgeFreshness(bundle.createdAt, now) : null;
          return (
            <>
              <div className="object-line">
                <strong>
                  {bundle.stream} {bundle.seq}
                </strong>
                {freshness !== null && <Badge tone={freshness.tone}>{freshness.word}</Badge>}
              </div>
              <div className="object-line soft">
                <span>Made {formatAge(bundle.createdAt, now)}</span>
                <span className="figures">{formatBytes(bundle.bytes)}</span>
              </div>
            </>
          );
        }}
      </ObjectList>
      <div
        className="detail scroll"
        tabIndex={0}
        role="region"
        aria-label={`Bundle ${chosen.stream} ${chosen.seq}`}
      >
        <header className="detail-head">
          <div>
            <h2>
              Bundle {chosen.stream} {chosen.seq}
            </h2>
            <p className="soft">
              Made {formatInstant(chosen.createdAt)}.{' '}
              {chosen.importedAt === null
                ? 'Not imported.'
                : `Imported ${formatWhenInside(chosen.importedAt, now)} by ${chosen.importedBy ?? 'the engine'}.`}{' '}
              {countOf(chosen.objects, 'object')}, {formatBytes(chosen.bytes)}.
            </p>
          </div>
        </header>
        <section>
          <h3>Chain of trust</h3>
          <TrustChain
            bundle={chosen}
            trust={trust}
            stage="imported"
            rootFingerprint={trust?.root?.fingerprint ?? null}
          />
        </section>
        <CustodySection custody={chosen.custody} />
        <section>
          <h3>Vendor releases</h3>
          <Repositories bundle={chosen} now={now} />
        </section>
        {before !== undefined && (
          <section>
            <h3>
              Beside {before.stream} {before.seq}
            </h3>
            <BundleDiff from={before.id} to={chosen.id} />
          </section>
        )}
        {chosen.missing.length > 0 && (
          <section>
            <h3>Not to be had when it was built</h3>
            <p className="soft">
              {countOf(chosen.missing.length, 'package')} named by an index: findings of these are not
              carried.
            </p>
            <ul className="plain-list mono">
              {chosen.missing.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </div>
  );
}

export function Repositories(props: { readonly bundle: BundleView; readonly now: number }) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>Repository</th>
          <th>Suite</th>
          <th>Released</th>
          <th>Valid until</th>
          <th className="cell-end">Packages</th>
        </tr>
      </thead>
      <tbody>
        {props.bundle.repositories.map((repository) => {
          const past = repository.validUntil !== null && Date.parse(repository.validUntil) < props.now;
          return (
            <tr key={`${repository.name}${repository.suite}${repository.arch}`}>
              <td>{repository.name}</td>
              <td>
                {repository.suite}, {repository.arch}
              </td>
              <td>{formatInstant(repository.releaseDate)}</td>
              <td className={past ? 'tone-warn' : undefined}>
                {repository.validUntil === null
                  ? 'Not stated'
                  : `${formatInstant(repository.validUntil)}${past ? ', past' : ''}`}
              </td>
              <td className="cell-end">{formatCount(repository.packages)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
