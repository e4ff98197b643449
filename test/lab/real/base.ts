import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { requireCommand } from './command.ts';
import { BASE_PACKAGES, FALLBACK_SUITE, OPERATOR, type Suite } from './fleet.ts';
import { hostPath, requireOnHost, requireOnHostWithMachineNetwork } from './host.ts';
import { LabError } from './lab-error.ts';
import { BASES_ROOT, type LabLayout } from './layout.ts';
import { type DebianMirror, fetchReleaseDate } from './mirror.ts';

const GUEST = join(import.meta.dirname, 'guest');
/** Raise when this file makes a different base from the same packages. */
const BASE_VERSION = 1;
/** Owners by number and file capabilities, as they were. */
const TAR_OPTIONS = ['--numeric-owner', '--xattrs', '--xattrs-include=*'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** A base file system that exists: a read-only subvolume of the lab host. */
export type Base = { readonly suite: Suite; readonly subvolume: string; readonly built: boolean };

/** What a base depends on: when any of it changes, another base is built. */
export type BaseInputs = {
  readonly suite: string;
  readonly releaseDate: string;
  readonly packages: readonly string[];
  readonly guestFiles: Readonly<Record<string, string>>;
  readonly version: number;
};

/** Name of the base that these inputs make, `SUITE-` and 12 hex digits. */
export function baseName(inputs: BaseInputs): string {
  const canonical = JSON.stringify([
    inputs.suite,
    inputs.releaseDate,
    [...inputs.packages].sort(),
    Object.entries(inputs.guestFiles).sort(([a], [b]) => (a < b ? -1 : 1)),
    inputs.version,
  ]);
  return `${inputs.suite}-${createHash('sha256').update(canonical).digest('hex').slice(0, 12)}`;
}

/** The apt sources of an endpoint: its suite and its security archive, as on any Debian machine. */
export function sourcesList(mirror: DebianMirror, suite: string): string {
  return [`deb ${mirror.mainUri} ${suite} main`, `deb ${mirror.securityUri} ${suite}-security main`, ''].join(
    '\n',
  );
}

/**
 * Makes sure that a base exists for each suite and returns them by the suite that was asked for. A suite that the mirror no longer
 * serves falls back to {@link FALLBACK_SUITE}, and says so. With no network, a base from an earlier time is used, and it says so.
 */
export async function ensureBases(
  layout: LabLayout,
  suites: readonly Suite[],
  mirror: DebianMirror,
  say: (text: string) => void,
): Promise<Map<Suite, Base>> {
  const scratch = `${layout.runDir}/InRelease`;
  const wanted = [...new Set<Suite>([...suites, FALLBACK_SUITE])];
  const dates = new Map<Suite, string | undefined>(
    await Promise.all(
      wanted.map(
        async (suite) => [suite, await fetchReleaseDate(mirror, suite, `${scratch}-${suite}`)] as const,
      ),
    ),
  );
  const online = [...dates.values()].some((date) => date !== undefined);
  const chosen = new Map<Suite, Suite>();
  for (const suite of new Set(suites)) {
    const served = online ? dates.get(suite) !== undefined : newestBase(layout, suite) !== undefined;
    if (!served && suite !== FALLBACK_SUITE) {
      say(`${suite} is ${online ? 'no longer served' : 'not in the cache'}: using ${FALLBACK_SUITE} instead`);
    }
    chosen.set(suite, served ? suite : FALLBACK_SUITE);
  }
  const made = new Map<Suite, Base>(
    await Promise.all(
      [...new Set(chosen.values())].map(
        async (suite) => [suite, await ensureBase(layout, suite, dates.get(suite), mirror, say)] as const,
      ),
    ),
  );
  const answer = new Map<Suite, Base>();
  for (const [asked, suite] of chosen) {
    const base = made.get(suite);
    if (base) answer.set(asked, base);
  }
  return answer;
}

async function ensureBase(
  layout: LabLayout,
  suite: Suite,
  releaseDate: string | undefined,
  mirror: DebianMirror,
  say: (text: string) => void,
): Promise<Base> {
  if (releaseDate === undefined) {
    const name = newestBase(layout, suite);
    if (name === undefined) {
      throw new LabError(
        'LAB_PACKAGES_MISSING',
        `The Debian archive can't be reached, and no ${suite} base is in the cache.`,
      );
    }
    say(`the Debian archive can't be reached: using the ${suite} base of the cache`);
    await unpackBase(layout, suite, name);
    return { suite, subvolume: `${BASES_ROOT}/${name}`, built: false };
  }
  const name = baseName({
    suite,
    releaseDate,
    packages: BASE_PACKAGES,
    guestFiles: readGuestFiles(),
    version: BASE_VERSION,
  });
  const subvolume = `${BASES_ROOT}/${name}`;
  if (existsSync(hostPath(layout, subvolume)) || existsSync(archiveOf(layout, name))) {
    await unpackBase(layout, suite, name);
    return { suite, subvolume, built: false };
  }
  say(
    `building the ${suite} base (release of ${releaseDate}, ${BASE_PACKAGES.length} packages and what they need)`,
  );
  await fillBase(layout, suite, name, async (building) => {
    await bootstrap(layout, suite, building, mirror);
    await furnish(layout, suite, building, mirror);
    await packBase(layout, suite, building, name);
  });
  return { suite, subvolume, built: true };
}

/** Makes a base's subvolume from its archive, unless it is there already. */
async function unpackBase(layout: LabLayout, suite: Suite, name: string): Promise<void> {
  if (existsSync(hostPath(layout, `${BASES_ROOT}/${name}`))) return;
  await fillBase(layout, suite, name, async (building) => {
    const target = hostPath(layout, building);
    await requireCommand(['tar', ...TAR_OPTIONS, '-C', target, '-xpf', archiveOf(layout, name)]);
  });
}

/** Writes a base's archive into the cache, for labs of another name and for an image that is lost; older ones of the suite go. */
async function packBase(layout: LabLayout, suite: Suite, building: string, name: string): Promise<void> {
  mkdirSync(layout.basesDir, { recursive: true });
  const fresh = `${archiveOf(layout, name)}.new`;
  await requireCommand(['tar', ...TAR_OPTIONS, '-C', hostPath(layout, building), '-cf', fresh, '.']);
  for (const old of listArchives(layout, suite)) rmSync(archiveOf(layout, old));
  renameSync(fresh, archiveOf(layout, name));
}

/** Makes the subvolume of a base: it appears complete or not at all, and takes the place of older ones of its suite. */
async function fillBase(
  layout: LabLayout,
  suite: Suite,
  name: string,
  fill: (building: string) => Promise<void>,
): Promise<void> {
  const building = `${BASES_ROOT}/.building-${suite}`;
  await deleteSubvolume(layout, building);
  await requireOnHost(layout, ['btrfs', '-q', 'subvolume', 'create', building]);
  await fill(building);
  for (const old of listBases(layout, suite)) await deleteSubvolume(layout, `${BASES_ROOT}/${old}`);
  await requireOnHost(layout, [
    'btrfs',
    '-q',
    'subvolume',
    'snapshot',
    '-r',
    building,
    `${BASES_ROOT}/${name}`,
  ]);
  await deleteSubvolume(layout, building);
}

/** Runs mmdebstrap from SUITE main only, so that what the security archive has is pending. Downloads are kept in the cache. */
async function bootstrap(
  layout: LabLayout,
  suite: Suite,
  target: string,
  mirror: DebianMirror,
): Promise<void> {
  const debs = `${layout.debsDir}/${suite}`;
  mkdirSync(debs, { recursive: true });
  await requireOnHostWithMachineNetwork(layout, [
    'mmdebstrap',
    '--mode=root',
    '--variant=minbase',
    `--include=${BASE_PACKAGES.join(',')}`,
    // What a power cut during the build leaves is thrown away anyway.
    '--dpkgopt=force-unsafe-io',
    '--skip=essential/unlink,download/empty',
    `--setup-hook=mkdir -p "$1/var/cache/apt/archives" && cp -a '${debs}/.' "$1/var/cache/apt/archives/"`,
    `--customize-hook=cp -a --update=none "$1"/var/cache/apt/archives/*.deb '${debs}/' 2> /dev/null || cp -an "$1"/var/cache/apt/archives/*.deb '${debs}/'`,
    suite,
    target,
    `deb [signed-by=${KEYRING}] ${mirror.mainUri} ${suite} main`,
  ]);
}

/** Makes a base an endpoint of the lab: init, SSH, operator, apt sources, the application with its self-test. */
async function furnish(layout: LabLayout, suite: Suite, target: string, mirror: DebianMirror): Promise<void> {
  const root = hostPath(layout, target);
  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  cpSync(join(GUEST, 'inittab'), `${root}/etc/inittab`);
  mkdirSync(`${root}/usr/local/lib/lab`, { recursive: true });
  for (const script of ['sysinit', 'leave'])
    cpSync(join(GUEST, script), `${root}/usr/local/lib/lab/${script}`);
  write('etc/apt/sources.list', sourcesList(mirror, suite));
  // An address that nobody has (RFC 5737): names can't be resolved, as in a network with no way out.
  write('etc/resolv.conf', 'nameserver 192.0.2.53\noptions timeout:1 attempts:1\n');
  write(
    'etc/ssh/sshd_config.d/lab.conf',
    [
      'HostKey /etc/ssh/ssh_host_ed25519_key',
      'PermitRootLogin no',
      'UseDNS no',
      'MaxStartups 100',
      'MaxSessions 50',
      '',
    ].join('\n'),
  );
  for (const name of readdirSync(`${root}/etc/ssh`)) {
    if (name.startsWith('ssh_host_')) rmSync(`${root}/etc/ssh/${name}`);
  }
  // What mmdebstrap left for itself: endpoints run apt and dpkg as Debian ships them.
  rmSync(`${root}/etc/dpkg/dpkg.cfg.d/99mmdebstrap`, { force: true });
  rmSync(`${root}/etc/apt/apt.conf.d/99mmdebstrap`, { force: true });
  const orders = 'order,item,pieces\n1001,valve,4\n1002,gasket,120\n1003,pump,1\n';
  write('opt/orders/ledger/orders.csv', orders);
  write(
    'opt/orders/ledger/orders.sha256',
    `${createHash('sha256').update(orders).digest('hex')}  orders.csv\n`,
  );
  write('opt/orders/certified', '');
  cpSync(join(GUEST, 'selftest'), `${root}/opt/orders/selftest`);
  await requireOnHost(layout, ['chroot', target, 'useradd', '-m', '-s', '/bin/bash', OPERATOR]);
}

function readGuestFiles(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(GUEST).map((name) => [name, readFileSync(join(GUEST, name), 'utf8')]),
  );
}

function listBases(layout: LabLayout, suite: Suite): string[] {
  const root = hostPath(layout, BASES_ROOT);
  return existsSync(root) ? readdirSync(root).filter((name) => name.startsWith(`${suite}-`)) : [];
}

function newestBase(layout: LabLayout, suite: Suite): string | undefined {
  return [...listBases(layout, suite), ...listArchives(layout, suite)][0];
}

function archiveOf(layout: LabLayout, name: string): string {
  return `${layout.basesDir}/${name}.tar`;
}

function listArchives(layout: LabLayout, suite: Suite): string[] {
  if (!existsSync(layout.basesDir)) return [];
  return readdirSync(layout.basesDir)
    .filter((file) => file.startsWith(`${suite}-`) && file.endsWith('.tar'))
    .map((file) => file.slice(0, -'.tar'.length));
}

/** Deletes a subvolume if it is there. */
export async function deleteSubvolume(layout: LabLayout, path: string): Promise<void> {
  if (!existsSync(hostPath(layout, path))) return;
  await requireOnHost(layout, ['btrfs', '-q', 'subvolume', 'delete', path]);
}
