import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '../../../contract/runs.ts';
import type { BuildResult } from '../../../main/collect/build-bundle.ts';
import { comparePackages, type PlannedPackage } from '../compare-packages.ts';
import type { DemoLab } from '../demo/demo-lab.ts';
import { sallyport, type Answer, type Place } from '../demo/sallyport.ts';
import { APPROVER, ENGINEER, makeSite } from '../demo/story.ts';
import { labLayout } from '../real/layout.ts';
import { readSite, siteEndpoint } from '../real/site.ts';
import { countIndexes, type IndexCount } from './count-indexes.ts';
import { giveVendorKeys, takeVendorKeys } from './vendor-keys.ts';

const SUITE = 'bookworm';

export interface PatchedEndpoint {
  readonly endpoint: string;
  readonly outcome: string;
  readonly failure: string | null;
  readonly approved: number;
  /** Packages that differ on its disk, read without the product. */
  readonly changed: number;
  /** How the change differs from what was approved; empty: exactly that. */
  readonly differences: readonly string[];
}

export interface FullBundleResult {
  readonly at: string;
  readonly machine: { readonly processors: number; readonly model: string; readonly memoryBytes: number };
  readonly suites: BuildResult['repositories'];
  /** Of the same indexes on the medium, by xz and a count of its own. */
  readonly counted: readonly IndexCount[];
  readonly bundle: Pick<
    BuildResult,
    'objects' | 'bytes' | 'upgrades' | 'additions' | 'advisories' | 'cves' | 'missing' | 'downloaded'
  >;
  /** Built at once after the import, by what the site then has. */
  readonly next: Pick<BuildResult, 'objects' | 'bytes' | 'alreadyHeld' | 'heldBytes'>;
  readonly seconds: Readonly<Record<string, number>>;
  /** What the endpoint's apt said when its keyring held none of the vendor's keys in use. */
  readonly control: { readonly endpoint: string; readonly code: string | null };
  readonly endpoints: readonly PatchedEndpoint[];
}

interface PlanAnswer {
  readonly id: string;
  readonly digest: string;
  readonly endpoints: readonly {
    readonly endpointName: string;
    readonly packages: readonly PlannedPackage[];
  }[];
  readonly leftOut: readonly { readonly endpointName: string; readonly code: string }[];
}

type Run = (words: readonly string[], expected?: readonly number[]) => Promise<Answer>;

/** From the real Debian mirror to patched endpoints, by the command line of the product. */
export async function tellFullBundle(
  whole: DemoLab,
  folder: string,
  say: (text: string) => void,
): Promise<FullBundleResult> {
  const described = readSite(labLayout());
  const names = described.endpoints.filter((item) => item.suite === SUITE).map((item) => item.name);
  const lab = { ...whole, endpoints: whole.endpoints.filter((item) => names.includes(item.name)) };
  const place: Place = { prefix: lab.inside, dataDir: join(folder, 'site') };
  const asEngineer: Run = (words, expected = [0]) =>
    sallyport(place, ENGINEER, words, { expected, onLine: say });
  const seconds: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await work();
    seconds[what] = Math.round((performance.now() - began) / 100) / 10;
    say(`${what}: ${seconds[what]} s`);
    return value;
  };

  await timed('site', () => makeSite(lab, folder, asEngineer));
  await timed('scan', () => asEngineer(['endpoint', 'scan']));
  const builder = await openBuilder(folder, say);
  const needs = join(folder, 'needs-list.json');
  await asEngineer(['needs-list', 'export', needs]);
  const media = join(folder, 'media');
  const built = await timed('build', () => builder.build(media, needs));
  const counted = countIndexes(media);

  await asEngineer(['trust', 'pin', media, '--fingerprint', built.fingerprint]);
  await timed('import', () => asEngineer(['bundle', 'import', media]));
  const again = join(folder, 'needs-list-after.json');
  await asEngineer(['needs-list', 'export', again]);
  const next = await timed('build again', () => builder.build(join(folder, 'media-next'), again));

  const control = await planWithoutVendorKeys(names, asEngineer);
  const plan = (await timed('plan', () => asEngineer(['plan', 'make', ...names]))).value as PlanAnswer;
  const approval = (await asEngineer(['approval', 'request', plan.id])).value as { id: string };
  await sallyport(place, APPROVER, ['approval', 'grant', approval.id, '--digest', plan.digest]);
  const before = new Map(names.map((name) => [name, lab.readPackages(name)]));
  const run = (await timed('run', () => asEngineer(['run', 'start', approval.id], [0, 3]))).value as RunView;

  return {
    at: new Date().toISOString(),
    machine: { processors: cpus().length, model: cpus()[0]?.model ?? '', memoryBytes: totalmem() },
    suites: built.repositories,
    counted,
    bundle: built,
    next,
    seconds,
    control,
    endpoints: names.map((name) => {
      const task = run.tasks.find((item) => item.endpointName === name);
      const planned = plan.endpoints.find((item) => item.endpointName === name)?.packages ?? [];
      const { changed, differences } = comparePackages(
        before.get(name) ?? new Map<string, string>(),
        lab.readPackages(name),
        planned,
      );
      return {
        endpoint: name,
        outcome: task?.status ?? 'not in the run',
        failure: task?.failure?.message ?? null,
        approved: planned.length,
        changed: changed.length,
        differences,
      };
    }),
  };
}

/** The connected side: this machine outside the lab's network, with nothing fetched before. */
async function openBuilder(
  folder: string,
  say: (text: string) => void,
): Promise<{ build(media: string, needs: string): Promise<BuildResult> }> {
  const nobody = { name: 'nobody', passphrase: '' };
  const outside: Place = { prefix: [], dataDir: join(folder, 'unused') };
  const keys = join(folder, 'keys');
  const passphraseFile = join(folder, 'secrets', 'keys-passphrase');
  await mkdir(join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  await writeFile(passphraseFile, 'seven quiet lanterns over water\n', { mode: 0o600 });
  const secret = ['--keys-passphrase-file', passphraseFile];
  await sallyport(outside, nobody, ['keys', 'create', keys, '--single', ...secret]);
  const { endpoints } = readSite(labLayout());
  const bases = new Set(endpoints.flatMap((item) => [item.main.uri, item.security.uri]));
  const mirrors = [...bases].flatMap((uri) => ['--mirror', `${uri.slice(uri.lastIndexOf('/') + 1)}=${uri}`]);
  return {
    build: async (media, needs) => {
      const words = ['bundle', 'build', media, '--needs', needs, '--keys', keys, ...secret, ...mirrors];
      // 3: something that the mirror lists could not be had. The bundle says what, and the rest is good.
      return (await sallyport(outside, nobody, words, { onLine: say, expected: [0, 3] }))
        .value as BuildResult;
    },
  };
}

/** A plan while one endpoint's keyring holds the vendor's retired keys only: its own apt must refuse the repository. */
async function planWithoutVendorKeys(
  names: readonly string[],
  asEngineer: Run,
): Promise<FullBundleResult['control']> {
  const layout = labLayout();
  const endpoint = names.at(-1) ?? '';
  const { vm } = siteEndpoint(readSite(layout), endpoint);
  await takeVendorKeys(layout, vm);
  try {
    const { value } = await asEngineer(['plan', 'make', ...names], [0, 3]);
    const left = (value as PlanAnswer).leftOut.find((item) => item.endpointName === endpoint);
    return { endpoint, code: left?.code ?? null };
  } finally {
    await giveVendorKeys(layout, vm);
  }
}
