import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parsePackages, type PackageRecord } from '../../../main/core/apt/packages-index.ts';
import { AptDriver } from '../../../main/patching/apt/driver.ts';
import { SshShell } from '../../../main/remote/ssh/ssh-shell.ts';
import type { PatchDriverWorld } from '../../suites/patch-driver.suite.ts';
import type { AptFaults } from '../../support/apt-faults.ts';
import { sha256 } from './deb-file.ts';
import { USER, type EmbeddedLab } from './embedded-lab.ts';
import { BREAKS_CONFIGURATION, DPKG_KILLED, FILLS_UP } from './install-process.ts';
import type { Machine } from './machine.ts';
import type { RepositoryFile, RepositorySlice } from '../../../main/core/repository-slice.ts';

/** One simulated endpoint as the suite of patch drivers wants it: what holds for a real one shall hold for it too. */
export function openSimulatedAptWorld(lab: EmbeddedLab): PatchDriverWorld {
  lab.reset();
  const endpoint = lab.endpoint('web-1');
  const suite = lab.vendor.suites.find((item) => item.root === 'debian-security');
  if (suite === undefined) throw new Error('the vendor has no security suite');
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-vendor-'));
  const describeFile = (path: string, bytes = suite.files.get(path) ?? Buffer.alloc(0)): RepositoryFile => {
    const file = join(folder, sha256(bytes), path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return { path, file, sha256: sha256(bytes), size: bytes.length };
  };
  const index = gunzipSync(suite.files.get(suite.indexPath) ?? Buffer.alloc(0)).toString('utf8');
  const records = new Map(parsePackages(index, true, 'Packages').records.map((item) => [item.name, item]));
  const recordOf = (name: string): PackageRecord => {
    const record = records.get(name);
    if (record === undefined) throw new Error(`the vendor has no ${name}`);
    return record;
  };
  const wanted = (name: string) => {
    const { arch, version } = recordOf(name);
    return { name, arch, version };
  };
  const single = wanted('libexpat1');
  const pulling = wanted('openssl');
  const indexes: RepositorySlice = {
    name: suite.root,
    suite: suite.suite,
    components: [suite.component],
    arch: suite.arch,
    signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
    metadata: [describeFile(suite.releasePath), describeFile(suite.indexPath)],
    packages: [],
  };
  const flip = (file: RepositoryFile): RepositoryFile => {
    const bytes = Buffer.from(suite.files.get(file.path) ?? Buffer.alloc(0));
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    return describeFile(file.path, bytes);
  };
  return {
    driver: new AptDriver(),
    connect: () =>
      new SshShell().connect({
        name: endpoint.name,
        address: endpoint.front.server.address,
        port: endpoint.front.server.port,
        user: USER,
        hostKey: endpoint.front.hostKey.fingerprint,
        login: endpoint.login,
        sudo: endpoint.sudo,
      }),
    cut: () => {
      endpoint.front.server.drop();
      return Promise.resolve();
    },
    indexes,
    single,
    pulling,
    fetch: (changes) =>
      Promise.resolve({
        slice: {
          ...indexes,
          packages: changes.map((change) => describeFile(recordOf(change.name).filename)),
        },
        planned: changes.map((change) => ({
          name: change.name,
          arch: change.arch,
          from: change.from,
          to: recordOf(change.name).version,
          sha256: recordOf(change.name).sha256,
          requested: [single.name, pulling.name].includes(change.name),
        })),
      }),
    spoil: (slice, what) =>
      Promise.resolve(
        what === 'package'
          ? { ...slice, packages: slice.packages.map((file, at) => (at === 0 ? flip(file) : file)) }
          : {
              ...slice,
              metadata: slice.metadata.map((file) =>
                file.path.endsWith('InRelease') === (what === 'release') ? flip(file) : file,
              ),
            },
      ),
    faults: simulatedAptFaults(endpoint.machine),
    clock: () => Date.now() / 1000,
    close: () => {
      rmSync(folder, { recursive: true, force: true });
      const unexpected = lab.unexpected();
      if (unexpected.length > 0)
        throw new Error(`the simulated lab did not understand: ${unexpected.join('\n')}`);
      return Promise.resolve();
    },
  };
}

function simulatedAptFaults(machine: Machine): AptFaults {
  const now = (work: () => void): Promise<void> => Promise.resolve().then(work);
  const change = (name: string, state: { readonly status?: string; readonly version?: string }): void => {
    const item = machine.disk.packages.get(`${name}:amd64`);
    if (item === undefined) throw new Error(`${machine.name} has no ${name}`);
    machine.disk.put({ ...item, ...state });
  };
  return {
    holdLock: () => {
      machine.lockHolder = { pid: 4711, program: 'perl' };
      return Promise.resolve(() => now(() => (machine.lockHolder = null)));
    },
    holdPackage: (name) => now(() => change(name, { status: 'hold ok installed' })),
    interruptDpkg: () => now(() => change('tar', { status: 'install ok half-configured' })),
    tamperStaged: (stageId, hash) =>
      now(() => {
        const repo = new Map(machine.disk.stage(stageId).repo);
        for (const [path, bytes] of repo) {
          if (sha256(bytes) !== hash) continue;
          const spoiled = Buffer.from(bytes);
          spoiled[spoiled.length >> 1] = (spoiled[spoiled.length >> 1] ?? 0) ^ 1;
          repo.set(path, spoiled);
        }
        machine.disk.changeStage(stageId, { repo });
      }),
    changeBehindOurBack: (name) => now(() => change(name, { version: '0.1-1' })),
    breakConfiguration: () => now(() => void machine.disk.notes.add(BREAKS_CONFIGURATION)),
    fillDisk: () => now(() => void machine.disk.notes.add(FILLS_UP)),
    killInstall: (stageId, what) =>
      new Promise((resolve) =>
        machine.once('unpacked-first', () => {
          if (what === 'dpkg') machine.disk.notes.add(DPKG_KILLED);
          else machine.kill(stageId);
          resolve();
        }),
      ),
    countUpgrades: (name, to) => Promise.resolve(machine.disk.countUpgrades(name, to)),
    spoilFile: (path) =>
      now(() => {
        for (const item of machine.disk.packages.values())
          if (item.files.has(`.${path}`))
            machine.disk.put({ ...item, files: new Map(item.files).set(`.${path}`, sha256('spoiled')) });
      }),
    fileOf: (name) => Promise.resolve(`/usr/share/doc/${name}/README`),
  };
}
