import { RPM_QUERY_FORMAT } from '../../main/core/rpm/inventory.ts';
import { RpmLab, runTool, type RpmSpec } from './rpm-lab.ts';

/**
 * What is installed on the lab's endpoint, and what its two repositories offer. Each package is a rule of its own: see
 * the names.
 */
const INSTALLED: readonly RpmSpec[] = [
  { name: 'epoch', version: '1:3.0.7-18.el9' },
  { name: 'current', version: '5.2.5-8.el9' },
  { name: 'tilde', version: '1.0~rc1-1.el9' },
  { name: 'caret', version: '1.0^git1-1.el9' },
  { name: 'kernel-lab', version: '5.14.0-1.el9' },
  { name: 'kernel-lab', version: '5.14.0-2.el9' },
  { name: 'libboth', version: '1.0-1.el9' },
  { name: 'libboth', version: '1.0-1.el9', arch: 'i686' },
  { name: 'docs', version: '1-1.el9', arch: 'noarch' },
  { name: 'app', version: '1-1.el9' },
  { name: 'oldname', version: '1-1.el9' },
  { name: 'nodejs', version: '1:18.1-1.module_el9+1' },
  { name: 'perl-lab', version: '1-1.el9' },
  { name: 'ruby', version: '3.0-1.module_el9+1' },
  { name: 'banned', version: '1-1.module_el9+1' },
  { name: 'thirdparty', version: '1-1' },
];

const BASE: readonly RpmSpec[] = [
  { name: 'epoch', version: '3.9-99.el9' },
  { name: 'epoch', version: '1:3.0.7-25.el9_3' },
  { name: 'current', version: '5.2.5-8.el9' },
  { name: 'current', version: '6.0-1.el9', arch: 'aarch64' },
  { name: 'tilde', version: '1.0-1.el9' },
  { name: 'caret', version: '1.0-5.el9' },
  { name: 'kernel-lab', version: '5.14.0-2.el9' },
  { name: 'kernel-lab', version: '5.14.0-3.el9' },
  { name: 'libboth', version: '1.0-2.el9' },
  { name: 'libboth', version: '1.0-2.el9', arch: 'i686' },
  { name: 'docs', version: '2-1.el9' },
  {
    name: 'app',
    version: '2-1.el9',
    lines: ['Requires: newlib >= 2', 'Requires: capability(lab) = 7', 'Requires: nowhere'],
  },
  { name: 'newlib', version: '2.1-1.el9' },
  { name: 'newlib', version: '1.9-1.el9' },
  { name: 'provider', version: '1-1.el9', lines: ['Provides: capability(lab) = 7'] },
  { name: 'newname', version: '2-1.el9', lines: ['Obsoletes: oldname < 2', 'Provides: oldname = 2'] },
  { name: 'unrelated', version: '1-1.el9' },
];

const STREAM: readonly RpmSpec[] = [
  { name: 'nodejs', version: '1:18.2-1.module_el9+2' },
  { name: 'nodejs', version: '1:20.1-1.module_el9+3' },
  { name: 'nodejs', version: '1:99-1.el9' },
  { name: 'perl-lab', version: '2-1.module_el9+2' },
  { name: 'perl-lab', version: '1-2.el9' },
  { name: 'ruby', version: '3.1-1.module_el9+2' },
  { name: 'ruby', version: '9-1.el9' },
  { name: 'banned', version: '2-1.module_el9+2' },
];

const stream = (name: string, number: string, rpm: string): string => `---
document: modulemd
version: 2
data:
  name: ${name}
  stream: "${number}"
  version: 1
  context: c0ffee
  arch: x86_64
  summary: lab
  description: lab
  license: {module: [MIT]}
  dependencies:
  - buildrequires: {platform: [el9]}
    requires: {platform: [el9]}
  artifacts:
    rpms:
    - ${rpm}
...
`;
const standard = (name: string, number: string): string =>
  `---\ndocument: modulemd-defaults\nversion: 1\ndata:\n  module: ${name}\n  stream: "${number}"\n...\n`;

const MODULES = [
  stream('nodejs', '18', 'nodejs-1:18.2-1.module_el9+2.x86_64'),
  stream('nodejs', '20', 'nodejs-1:20.1-1.module_el9+3.x86_64'),
  stream('perl-lab', '5', 'perl-lab-0:2-1.module_el9+2.x86_64'),
  stream('ruby', '3', 'ruby-0:3.1-1.module_el9+2.x86_64'),
  standard('ruby', '3'),
  stream('banned', '1', 'banned-0:2-1.module_el9+2.x86_64'),
  standard('banned', '1'),
].join('');

export const MODULE_FILES = {
  'nodejs.module': '[nodejs]\nname=nodejs\nstream=18\nprofiles=\nstate=enabled\n',
  'banned.module': '[banned]\nname=banned\nstream=\nprofiles=\nstate=disabled\n',
};

const update = (
  id: string,
  attributes: string,
  severity: string,
  cves: readonly string[],
  inside: string,
): string => `<update from="lab@example.org" ${attributes} version="1"><id>${id}</id><title>${severity}: ${id}</title>
<issued date="2024-03-05 00:00:00"/><severity>${severity}</severity><description>What ${id} fixes.</description>
<references>${cves.map((cve) => `<reference href="https://example.org/${cve}" id="${cve}" type="cve" title="${cve}"/>`).join('')}</references>
<pkglist><collection short="lab"><name>lab</name>${inside}</collection></pkglist></update>`;
const pkg = (name: string, epoch: string, version: string, release: string, more = ''): string =>
  `<package name="${name}" version="${version}" release="${release}" epoch="${epoch}" arch="x86_64"><filename>${name}-${version}-${release}.x86_64.rpm</filename>${more}</package>`;
const document = (...updates: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<updates>${updates.join('')}</updates>\n`;

const BASE_UPDATES = document(
  update(
    'ALSA-2024:0001',
    'status="final" type="security"',
    'Important',
    ['CVE-2024-0001', 'CVE-2024-0002'],
    pkg('epoch', '1', '3.0.7', '25.el9_3', '<reboot_suggested>True</reboot_suggested>'),
  ),
  update(
    'ALSA-2023:0009',
    'status="final" type="security"',
    'Critical',
    ['CVE-2023-0009'],
    pkg('epoch', '1', '3.0.7', '10.el9'),
  ),
  update('ALBA-2024:0002', 'status="final" type="bugfix"', 'None', [], pkg('tilde', '0', '1.0', '1.el9')),
  update(
    'ALSA-2024:0003',
    'status="retracted" type="security"',
    'Critical',
    ['CVE-2024-0003'],
    pkg('app', '0', '2', '1.el9'),
  ),
);
const STREAM_UPDATES = document(
  update(
    'ALSA-2024:0018',
    'status="final" type="security"',
    'Moderate',
    ['CVE-2024-0018'],
    `<module name="nodejs" stream="18" version="1" context="c0ffee" arch="x86_64"/>${pkg('nodejs', '1', '18.2', '1.module_el9+2')}`,
  ),
  update(
    'ALSA-2024:0020',
    'status="final" type="security"',
    'Critical',
    ['CVE-2024-0020'],
    `<module name="nodejs" stream="20" version="1" context="c0ffee" arch="x86_64"/>${pkg('nodejs', '1', '18.2', '1.module_el9+2')}`,
  ),
);

export interface RpmStory {
  readonly lab: RpmLab;
  /** What stands before `9/BaseOS/...`. */
  readonly mirror: string;
  readonly base: string;
  readonly stream: string;
  readonly root: string;
  /** `rpm -qa` of the endpoint. */
  readonly query: string;
}

export const BASE_SUITE = '9/BaseOS/x86_64/os';
export const STREAM_SUITE = '9/AppStream/x86_64/os';

/** Builds all of it with the real tools. */
export function tellRpmStory(): RpmStory {
  const lab = new RpmLab();
  const installed = lab.build(INSTALLED);
  const base = lab.build(BASE);
  const modular = lab.build(STREAM);
  lab.sign([...base.values(), ...modular.values()]);
  const story = {
    lab,
    mirror: `${lab.dir}/mirror`,
    base: lab.makeRepository(`mirror/${BASE_SUITE}`, base.values(), { updateinfo: BASE_UPDATES }, [
      '--general-compress-type=xz',
    ]),
    stream: lab.makeRepository(`mirror/${STREAM_SUITE}`, modular.values(), {
      updateinfo: STREAM_UPDATES,
      modules: MODULES,
    }),
    root: lab.installRoot([...installed.values()], MODULE_FILES),
  };
  return { ...story, query: runTool('rpm', ['--root', story.root, '-qa', '--qf', RPM_QUERY_FORMAT]) };
}
