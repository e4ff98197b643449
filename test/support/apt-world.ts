import type { Inventory } from '../../main/core/inventory.ts';
import { AptDriver } from '../../main/patching/apt/driver.ts';
import type { RemoteSession } from '../../main/remote/remote-shell.ts';
import type { PatchDriverWorld } from '../suites/patch-driver.suite.ts';
import { realAptFaults } from './apt-faults.ts';
import { fetchRepository, findPending, withFlippedBit, type FetchedRepository } from './repository-slice.ts';
import type { RepositoryFile } from '../../main/core/repository-slice.ts';

/** A real Debian endpoint that a test may do anything to. */
export interface RealEndpoint {
  connect(): Promise<RemoteSession>;
  /** Puts the disk back as it was when the test began. */
  reset(): Promise<void>;
  /** Cuts every session that is open, as a pulled cable does. */
  cut(): Promise<void> | undefined;
  /** Whether it may mount a small file system to fill. */
  readonly mayMount: boolean;
}

/** What is found out once about an endpoint and serves all tests on it: which of its updates have the shape a test needs. */
export interface AptSubject {
  readonly repository: FetchedRepository;
  readonly single: Wanted;
  readonly pulling: Wanted;
  readonly folder: string;
}

interface Wanted {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
}

/**
 * Reads what is pending on an endpoint from the vendor's own index and asks apt there which update comes alone and which
 * brings others: the sets move with every advisory, so no name is written down here.
 */
export async function studyEndpoint(
  session: RemoteSession,
  source: { readonly mirror: string; readonly suite: string; readonly folder: string },
): Promise<AptSubject> {
  const driver = new AptDriver();
  const inventory = await driver.readInventory(session);
  const repository = await fetchRepository({
    mirror: source.mirror,
    name: 'debian-security',
    suite: source.suite,
    arch: inventory.arch,
    folder: source.folder,
  });
  const stageId = 'study';
  let single: Wanted | undefined;
  let pulling: Wanted | undefined;
  for (const { record } of findPending(inventory, repository)) {
    if (single !== undefined && pulling !== undefined) break;
    const wanted = { name: record.name, arch: record.arch, version: record.version };
    if (single !== undefined && !bringsOthers(inventory, wanted)) continue;
    const changes = await driver.simulate(session, {
      stageId,
      repositories: [repository.slice],
      wanted: [wanted],
    });
    if (changes.length > 1) pulling ??= wanted;
    else if (isLibrary(record.name)) single ??= wanted;
  }
  await driver.cleanUp(session, stageId);
  if (single === undefined || pulling === undefined) {
    throw new Error(`nothing pending on ${inventory.prettyName} has the shape that the tests need`);
  }
  return { repository, single, pulling, folder: source.folder };
}

/** Shared libraries run the linker's trigger, which is what a test breaks. */
const isLibrary = (name: string): boolean => /^lib.*[0-9]$/.test(name);

/** Worth asking apt about: another package of the same source is installed beside it. */
function bringsOthers(inventory: Inventory, wanted: Wanted): boolean {
  const own = inventory.packages.find((item) => item.name === wanted.name && item.arch === wanted.arch);
  return inventory.packages.filter((item) => item.source === own?.source).length > 1;
}

export async function openAptWorld(endpoint: RealEndpoint, subject: AptSubject): Promise<PatchDriverWorld> {
  await endpoint.reset();
  const root = await endpoint.connect();
  const faults = realAptFaults(root);
  const { repository, single, pulling, folder } = subject;
  return {
    driver: new AptDriver(),
    connect: () => endpoint.connect(),
    cut: async () => endpoint.cut(),
    indexes: repository.slice,
    single,
    pulling,
    fetch: async (changes) => {
      const records = changes.map((change) => {
        const record = repository.records.get(`${change.name}:${change.arch}`);
        if (record?.version !== change.to)
          throw new Error(`the index has no ${change.name} ${change.to ?? ''}`);
        return record;
      });
      const asked = new Set([single.name, pulling.name]);
      return {
        slice: await repository.withPackages(records),
        planned: records.map((record, index) => ({
          name: record.name,
          arch: record.arch,
          from: changes[index]?.from ?? null,
          to: record.version,
          sha256: record.sha256,
          requested: asked.has(record.name),
        })),
      };
    },
    spoil: async (slice, what) => {
      const spoilFirst = async (files: readonly RepositoryFile[], hit: (file: RepositoryFile) => boolean) => {
        const file = files.find(hit);
        if (file === undefined) throw new Error(`there is no ${what} to spoil`);
        const spoiled = await withFlippedBit(file, folder);
        return files.map((other) => (other === file ? spoiled : other));
      };
      if (what === 'package') return { ...slice, packages: await spoilFirst(slice.packages, () => true) };
      const isRelease = (file: RepositoryFile): boolean => file.path.endsWith('InRelease');
      const metadata = await spoilFirst(slice.metadata, (file) => isRelease(file) === (what === 'release'));
      return { ...slice, metadata };
    },
    faults: endpoint.mayMount ? faults : { ...faults, fillDisk: undefined },
    clock: () => Date.now() / 1000,
    close: async () => {
      await root.close();
    },
  };
}
