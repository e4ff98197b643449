import { Plus, Trash2 } from 'lucide-react';
import type { CollectSources, CollectView } from '../../../contract/collect.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useApplication } from '../../stores/context.tsx';
import { PlaceList } from './place-list.tsx';
import { proxyProblem, type SourceDraft } from './source-draft.ts';

export interface SourceFormProps {
  readonly draft: SourceDraft;
  readonly put: (change: Partial<SourceDraft>) => void;
  readonly view: CollectView;
}

/** Repositories of Debian, Ubuntu and everything with RPM, and the keys that their vendors sign with. */
export function RepositoryForm({ draft, put, view }: SourceFormProps) {
  const { collect } = useApplication();
  return (
    <>
      <AptTargets apt={view.apt} />
      <Mirrors mirrors={draft.mirrors} onChange={(mirrors) => put({ mirrors })} />
      <section>
        <h2>Keys of the vendors</h2>
        <PathField
          label="Vendor’s keys"
          hint="Keyring of Debian or Ubuntu. What the vendor signs is checked with it before it is read."
          value={draft.keyring}
          onChange={(keyring) => put({ keyring })}
          pick={() => collect.getState().pickFile('Vendor’s keys', '')}
          placeholder={view.defaults.keyring}
        />
        <p className="field-hint">
          Vendors of RPM packages publish their public keys as files, such as RPM-GPG-KEY-redhat-release.
        </p>
        <PlaceList
          label="Key file"
          places={draft.vendorKeys}
          onChange={(vendorKeys) => put({ vendorKeys })}
          add="Add an RPM vendor’s key"
          placeholder="/etc/pki/rpm-gpg/RPM-GPG-KEY-redhat-release"
        />
        <TextField
          label="RPM repositories taken unsigned"
          hint="Names from the list above, for mirrors that nobody signed. The bundle says so, and the site sees it."
          value={draft.unsignedRoots}
          onChange={(unsignedRoots) => put({ unsignedRoots })}
          mono
        />
      </section>
    </>
  );
}

function AptTargets(props: { readonly apt: CollectView['apt'] }) {
  const rows = [...new Map(props.apt.map((target) => [`${target.base} ${target.suite}`, target])).values()];
  return (
    <section>
      <h2>Repositories of this machine&apos;s apt</h2>
      {rows.length === 0 ? (
        <Note tone="info" title="There is no apt here, or it has no sources">
          <p>Name each mirror below. A needs-list says which repositories a site takes its packages from.</p>
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
            {rows.map(({ base, suite }) => (
              <tr key={`${base} ${suite}`}>
                <td>{suite}</td>
                <td className="mono">{base}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Mirrors(props: {
  readonly mirrors: CollectSources['mirrors'];
  readonly onChange: (mirrors: CollectSources['mirrors']) => void;
}) {
  const { mirrors, onChange } = props;
  const put = (index: number, change: Partial<CollectSources['mirrors'][number]>): void =>
    onChange(mirrors.map((mirror, at) => (at === index ? { ...mirror, ...change } : mirror)));
  return (
    <section>
      <h2>Mirrors given here, for apt and RPM</h2>
      <p className="field-hint">
        They come before those of apt. The repository is the last part of the address, as the needs-list names
        it. A folder is written file:///srv/mirror/debian/.
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
            onPress={() => onChange(mirrors.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button icon={Plus} onPress={() => onChange([...mirrors, { root: '', address: '' }])}>
          Add a mirror
        </Button>
      </div>
    </section>
  );
}

/** A folder of what Microsoft serves; there is no mirror to ask. */
export function MicrosoftForm({ draft, put }: SourceFormProps) {
  const { collect } = useApplication();
  return (
    <section>
      <h2>Microsoft&apos;s updates</h2>
      <PathField
        label="Folder of the updates"
        hint="Files as the Update Catalog serves them, not in folders inside it. Left empty: no Windows updates."
        value={draft.microsoft}
        onChange={(microsoft) => put({ microsoft })}
        pick={() => collect.getState().pickFolder('Folder of Microsoft’s updates')}
        placeholder="/srv/microsoft"
      />
      <h3>What belongs into it</h3>
      <dl className="facts">
        <Kind name="The updates">.msu, .cab, .msp and .exe, under the names that they were served with.</Kind>
        <Kind name="wsusscn2.cab">
          Titles, classification, severity, supersedence, products, file names and digests.
        </Kind>
        <Kind name="Security updates of MSRC">
          CVRF (.xml), CSAF or pages of the update guide (.json): which article fixes which CVE.
        </Kind>
        <Kind name="catalogue.json or .csv">Your own notes of files that the others do not know.</Kind>
      </dl>
      <p className="field-hint">
        A file is carried only if its digest is known and right. The others are listed at the end of the
        build.
      </p>
    </section>
  );
}

function Kind(props: { readonly name: string; readonly children: string }) {
  return (
    <div className="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** What vendors say of their patches, and how dangerous a CVE is. */
export function AdvisoryForm({ draft, put }: SourceFormProps) {
  const { collect } = useApplication();
  return (
    <>
      <section>
        <h2>Vendors&apos; advisories</h2>
        <p className="field-hint">
          Debian&apos;s security tracker, CVE or DSA list, Ubuntu USN, OSV, CSAF, as files or addresses. What
          each is, its content says. RPM repositories bring their own.
        </p>
        <PlaceList
          label="Advisories"
          places={draft.advisories}
          onChange={(advisories) => put({ advisories })}
          add="Add advisories"
          placeholder="/srv/advisories/debian-tracker.json"
        />
      </section>
      <section>
        <h2>Known and likely exploitation</h2>
        <PathField
          label="CISA’s known exploited vulnerabilities (KEV)"
          hint="JSON, file or address. Decides first which patches are pressing."
          value={draft.kev}
          onChange={(kev) => put({ kev })}
          pick={() => collect.getState().pickFile('Known exploited vulnerabilities', 'json')}
          placeholder="/srv/advisories/known_exploited_vulnerabilities.json"
        />
        <PathField
          label="FIRST’s scores (EPSS)"
          hint="CSV, packed by gzip or not, file or address. How likely a CVE is to be exploited within 30 days."
          value={draft.epss}
          onChange={(epss) => put({ epss })}
          pick={() => collect.getState().pickFile('EPSS scores', '')}
          placeholder="/srv/advisories/epss_scores-current.csv.gz"
        />
      </section>
    </>
  );
}

/** How things are fetched and where they are kept. */
export function FetchingForm({ draft, put, view }: SourceFormProps) {
  const { collect } = useApplication();
  return (
    <section>
      <h2>Fetching</h2>
      <PathField
        label="Folder for downloads"
        hint="Keeps what was fetched, so that nothing is fetched twice. An interrupted download goes on from there."
        value={draft.downloadFolder}
        onChange={(downloadFolder) => put({ downloadFolder })}
        pick={() => collect.getState().pickFolder('Folder for downloads')}
        placeholder={view.defaults.downloadFolder ?? 'Beside the signing keys'}
      />
      <TextField
        label="Proxy"
        hint="Everything is fetched through it. It must allow tunnels (CONNECT) to the ports of the mirrors."
        value={draft.proxy}
        onChange={(proxy) => put({ proxy })}
        error={proxyProblem(draft.proxy)}
        mono
        placeholder="http://proxy.example:3128"
      />
    </section>
  );
}
