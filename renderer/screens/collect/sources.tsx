import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { CollectSources, CollectView } from '../../../contract/collect.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { SigningKeys } from './signing-keys.tsx';

/** Where vendor content comes from, and with which keys it is signed. */
export function SourcesScreen() {
  const { collect, session } = useApplication();
  const view = useStore(collect, (state) => state.view);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  if (view.value === null) {
    return view.failure === null ? <Loading what="the sources" /> : <FailureNote failure={view.failure} />;
  }
  return (
    <div className="master">
      <ScreenHead
        title="Sources"
        summary={`${countOf(new Set(view.value.apt.map(({ base }) => base)).size, 'mirror')} of this machine’s apt, ${countOf(view.value.sources.mirrors.length, 'mirror')} given here`}
      />
      <div className="collect-columns scroll">
        <div className="collect-main">
          <Mirrors key={JSON.stringify(view.value.sources)} view={view.value} isEngineer={isEngineer} />
        </div>
        <aside className="collect-side" aria-label="Signing keys">
          <SigningKeys keys={view.value.keys} isEngineer={isEngineer} />
        </aside>
      </div>
    </div>
  );
}

function Mirrors(props: { readonly view: CollectView; readonly isEngineer: boolean }) {
  const { collect } = useApplication();
  const { sources, defaults, apt } = props.view;
  const [mirrors, setMirrors] = useState<CollectSources['mirrors']>(sources.mirrors);
  const [keyring, setKeyring] = useState(sources.keyring ?? '');
  const [advisories, setAdvisories] = useState(sources.advisoriesFile ?? '');
  const [downloads, setDownloads] = useState(sources.downloadFolder ?? '');
  const save = useAction((next: CollectSources) => collect.getState().setSources(next));
  const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const next: CollectSources = {
    mirrors: mirrors
      .map(({ root, address }) => ({ root: root.trim(), address: address.trim() }))
      .filter(({ root, address }) => root !== '' && address !== ''),
    keyring: orNull(keyring),
    advisoriesFile: orNull(advisories),
    downloadFolder: orNull(downloads),
  };
  const changed = JSON.stringify(next) !== JSON.stringify(sources);
  const put = (index: number, change: Partial<CollectSources['mirrors'][number]>): void =>
    setMirrors(mirrors.map((mirror, at) => (at === index ? { ...mirror, ...change } : mirror)));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) void save.run(next);
      }}
    >
      <section>
        <h2>Repositories of this machine&apos;s apt</h2>
        {apt.length === 0 ? (
          <Note tone="info" title="There is no apt here, or it has no sources">
            <p>
              Name each mirror below. A needs-list says which repositories a site takes its packages from.
            </p>
          </Note>
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th>Suite</th>
                <th>Mirror</th>
              </tr>
            </thead>
            <tbody>
              {[...new Map(apt.map((target) => [`${target.base} ${target.suite}`, target])).values()].map(
                ({ base, suite }) => (
                  <tr key={`${base} ${suite}`}>
                    <td>{suite}</td>
                    <td className="mono">{base}</td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h2>Mirrors given here</h2>
        <p className="field-hint">
          They come before those of apt. The repository is the last part of the address, as the needs-list
          names it. A folder is written file:///srv/mirror/debian/.
        </p>
        {mirrors.map((mirror, index) => (
          <div className="mirror-row" key={index}>
            <TextField
              label={`Repository ${index + 1}`}
              value={mirror.root}
              onChange={(root) => put(index, { root })}
              mono
              placeholder="debian-security"
            />
            <TextField
              label={`Address ${index + 1}`}
              value={mirror.address}
              onChange={(address) => put(index, { address })}
              mono
              placeholder="https://mirror.example/debian-security/"
            />
            <IconButton
              label={`Remove mirror ${index + 1}`}
              icon={Trash2}
              onPress={() => setMirrors(mirrors.filter((_, at) => at !== index))}
            />
          </div>
        ))}
        <div>
          <Button icon={Plus} onPress={() => setMirrors([...mirrors, { root: '', address: '' }])}>
            Add a mirror
          </Button>
        </div>
      </section>
      <section>
        <h2>Files</h2>
        <PathField
          label="Vendor’s keys"
          hint="What the vendor signs is checked with these before it is read."
          value={keyring}
          onChange={setKeyring}
          pick={() => collect.getState().pickFile('Vendor’s keys', '')}
          placeholder={defaults.keyring}
        />
        <PathField
          label="Debian’s security tracker"
          hint="Its JSON, for severities that changelogs do not state. May be left empty."
          value={advisories}
          onChange={setAdvisories}
          pick={() => collect.getState().pickFile('Security tracker', 'json')}
        />
        <PathField
          label="Folder for downloads"
          hint="Keeps what was fetched, so that nothing is fetched twice."
          value={downloads}
          onChange={setDownloads}
          pick={() => collect.getState().pickFolder('Folder for downloads')}
          placeholder={defaults.downloadFolder ?? 'Beside the signing keys'}
        />
      </section>
      {save.failure !== null && <FailureNote failure={save.failure} what="The sources were not changed" />}
      {props.isEngineer && (
        <div className="form-foot form-foot-start">
          <Button kind="primary" type="submit" disabled={!changed} busy={save.busy}>
            Save the sources
          </Button>
        </div>
      )}
    </form>
  );
}
