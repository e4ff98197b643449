import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../contract/site.ts';
import { ROLES } from '../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import { throughProxy } from '../../main/collect/proxy.ts';
import { Caller } from '../support/caller.ts';
import { skipNote } from '../support/debian-tools.ts';
import {
  makeAptRepository,
  needsListFor,
  whyNoAptRepository,
  type AptRepository,
} from '../support/apt-repository.ts';

const PASSPHRASE = 'seven grey herons at dusk';
const KEYS_PASSPHRASE = 'a kettle under the bridge';
const reason = whyNoAptRepository();

/** The way of a bundle through two sites of one Sallyport each: collected at one, imported at the other. */
describe.skipIf(reason !== null)(`the Collect workspace${skipNote(reason)}`, () => {
  let dir: string;
  let repository: AptRepository;
  let outside: Engine;
  let inside: Engine;
  let collect: Caller;
  let operate: Caller;
  let needsId: string;
  let fingerprint: string;
  const seen: Operation[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sp-collect-'));
    repository = makeAptRepository(join(dir, 'vendor'));
    const kdfCost = { N: 1_024, r: 8, p: 1 };
    outside = await openEngine({ dataDir: join(dir, 'outside'), kdfCost });
    inside = await openEngine({ dataDir: join(dir, 'inside'), kdfCost });
    outside.subscribe((topic) => {
      if (topic.kind === 'operation') seen.push(topic.operation);
    });
    collect = new Caller(outside);
    operate = new Caller(inside);
    const person = { name: 'Asha', roles: [...ROLES], passphrase: PASSPHRASE };
    await collect.call('site.create', { name: 'Outside', workspace: 'collect', person });
    await operate.call('site.create', { name: 'Ward 9', person });
  });
  afterAll(async () => {
    await outside.close();
    await inside.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('makes signing keys, and says of a wrong folder what is wrong with it', async () => {
    expect((await collect.call('collect.get', {})).keys).toBeNull();
    expect(await collect.codeOf('collect.useKeys', { folder: join(dir, 'nowhere') })).toBe(
      'CONTRACT_NOT_FOUND',
    );
    expect(await collect.codeOf('collect.createKeys', { folder: 'keys', passphrase: KEYS_PASSPHRASE })).toBe(
      'CONTRACT_INPUT_INVALID',
    );
    const { keys } = await collect.call('collect.createKeys', {
      folder: join(dir, 'keys'),
      passphrase: KEYS_PASSPHRASE,
    });
    expect(keys).toMatchObject({ problem: null, rootVersion: 1, threshold: 1, keys: 1 });
    fingerprint = keys?.fingerprint ?? '';
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
    rmSync(join(dir, 'keys', '1.root.json'));
    expect((await collect.call('collect.get', {})).keys?.problem).toMatch(/no root of trust/);
    rmSync(join(dir, 'keys'), { recursive: true });
    const again = await collect.call('collect.createKeys', {
      folder: join(dir, 'keys'),
      passphrase: KEYS_PASSPHRASE,
    });
    fingerprint = again.keys?.fingerprint ?? '';
  });

  it('opens a needs-list and shows which mirror each repository comes from', async () => {
    const file = join(dir, 'ward-9.json');
    writeFileSync(file, 'not a list');
    expect(await collect.codeOf('collect.openNeeds', { file })).toBe('COLLECT_NEEDS_LIST_INVALID');
    writeFileSync(file, needsListFor(repository));
    await collect.call('collect.setSources', {
      mirrors: [{ root: repository.root, address: repository.address }],
      keyring: repository.keyring,
      vendorKeys: [],
      unsignedRoots: [],
      microsoft: null,
      advisories: [],
      kev: null,
      epss: null,
      downloadFolder: join(dir, 'downloads'),
      proxy: null,
    });
    const opened = await collect.call('collect.openNeeds', { file });
    needsId = opened.id;
    expect(opened).toMatchObject({
      name: 'ward-9',
      kind: 'needs-list',
      openedBy: 'Asha',
      holdings: null,
      windows: [],
    });
    expect(opened.platforms[0]).toMatchObject({ distribution: 'debian', packages: 3 });
    expect(opened.platforms[0]?.repositories[0]?.address).toBe(repository.address);
    rmSync(file);
    expect(await collect.call('collect.needs', {})).toEqual([opened]);
  });

  it('refuses a wrong passphrase, and gives no number out for it', async () => {
    const { operationId } = await collect.call('collect.build', {
      needs: [needsId],
      folder: join(dir, 'media'),
      passphrase: 'a kettle under the table',
    });
    expect(await collect.codeOf('operations.wait', { id: operationId })).toBe('COLLECT_KEY_PASSPHRASE_WRONG');
    const steps = (await collect.call('operations.list', {}))[0]?.steps.map((step) => step.state);
    expect(steps).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
    expect(await collect.call('collect.built', {})).toEqual([]);
  });

  it('builds step by step, and remembers what it built', async () => {
    const built = await collect.finish(
      await collect.call('collect.build', {
        needs: [needsId],
        folder: join(dir, 'media'),
        passphrase: KEYS_PASSPHRASE,
      }),
    );
    expect(built).toMatchObject({
      stream: 'main',
      seq: 1,
      upgrades: 3,
      missing: [],
      fingerprint,
      needs: ['ward-9'],
    });
    expect(await collect.call('collect.built', {})).toEqual([built]);
    const ended = seen.filter((operation) => operation.status === 'done').at(-1);
    expect(ended?.steps.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'indexes done',
      'packages done',
      'changelogs done',
      'writing done',
    ]);
    const fetched = ended?.steps[1];
    expect(fetched).toMatchObject({ done: fetched?.total, unit: 'bytes' });
    expect(fetched?.total).toBe(repository.packages.reduce((sum, item) => sum + item.size, 0));
    expect((await collect.call('audit.list', {})).some(({ subject }) => subject['bundle'] === 'main/1')).toBe(
      true,
    );
  });

  it('leaves no secret behind: not in an operation, the trail, or what it remembers', async () => {
    const said = JSON.stringify([
      seen,
      await collect.call('audit.list', {}),
      await collect.call('collect.get', {}),
      await collect.call('collect.built', {}),
    ]);
    expect(said).not.toContain(KEYS_PASSPHRASE);
    expect(readdirSync(join(dir, 'media')).sort()).toEqual(['blobs', 'bundles', 'metadata']);
  });

  it('keeps to its workspace while it builds, and a cancelled build is no built one', async () => {
    const building = await collect.call('collect.build', {
      needs: [needsId],
      folder: join(dir, 'media-2'),
      passphrase: KEYS_PASSPHRASE,
    });
    expect(await collect.codeOf('site.setWorkspace', { workspace: 'operate' })).toBe(
      'POLICY_WORKSPACE_IN_USE',
    );
    await collect.call('operations.cancel', { id: building.operationId });
    expect(await collect.codeOf('operations.wait', { id: building.operationId })).toBe('CONTRACT_CANCELLED');
    expect(await collect.call('collect.built', {})).toHaveLength(1);
  });

  it('fills a site that lets nothing out from a baseline, then leaves out what the register has', async () => {
    const file = join(dir, 'ward-10.json');
    const [platform] = (JSON.parse(needsListFor(repository)) as { platforms: Record<string, unknown>[] })
      .platforms;
    const named = Object.fromEntries(Object.entries(platform ?? {}).filter(([key]) => key !== 'packages'));
    writeFileSync(file, JSON.stringify({ format: 'sallyport-baseline/1', platforms: [named] }));
    const opened = await collect.call('collect.openNeeds', { file });
    expect(opened).toMatchObject({ kind: 'baseline', name: 'ward-10' });
    const build = async (name: string) =>
      collect.finish(
        await collect.call('collect.build', {
          needs: [opened.id],
          folder: join(dir, name),
          passphrase: KEYS_PASSPHRASE,
          site: 'ward-10',
          stream: 'cold',
          partBytes: 4_096,
        }),
      );
    const first = await build('cold-1');
    expect(first).toMatchObject({ stream: 'cold', seq: 1, base: 0, site: 'ward-10', builtBy: 'Asha' });
    const second = await build('cold-2');
    expect(second).toMatchObject({ seq: 2, base: 1, alreadyHeld: repository.packages.length });
    const [register] = await collect.call('collect.register', {});
    expect(register?.site).toBe('ward-10');
    expect(register?.bundles.map(({ seq }) => seq)).toEqual([2, 1]);
    expect(await collect.call('collect.takeBack', { site: 'ward-10', stream: 'cold', seq: 1 })).toEqual({
      takenBack: ['cold/1', 'cold/2'],
    });
    expect(await collect.codeOf('collect.takeBack', { site: 'ward-10', stream: 'cold', seq: 1 })).toBe(
      'COLLECT_REGISTER_INVALID',
    );
    expect(await build('cold-3')).toMatchObject({ seq: 3, base: 0, alreadyHeld: 0 });
  });

  it('fetches through the proxy that was given, and through none afterwards', async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = proxy.address() as AddressInfo;
      const address = `http://127.0.0.1:${port}`;
      await throughProxy(address, () => fetch('http://mirror.invalid/a').catch(() => undefined));
      await throughProxy(null, () => fetch('http://mirror.invalid/b').catch(() => undefined));
      expect(asked).toEqual(['mirror.invalid:80']);
      const { sources } = await collect.call('collect.get', {});
      expect(await collect.codeOf('collect.setSources', { ...sources, proxy: 'http://me:secret@p:1' })).toBe(
        'CONTRACT_INPUT_INVALID',
      );
      expect((await collect.call('collect.setSources', { ...sources, proxy: address })).sources.proxy).toBe(
        address,
      );
      await collect.call('collect.setSources', sources);
    } finally {
      proxy.close();
    }
  });

  it('is imported at the other site once its root is pinned there', async () => {
    const [main] = (await collect.call('collect.built', {})).filter(({ stream }) => stream === 'main');
    const manifestSha256 = main?.manifestSha256 ?? '';
    const folder = join(dir, 'stick', 'main-1');
    const writing = { manifestSha256, folder };
    const { files } = await collect.finish(await collect.call('collect.writeToMedium', writing));
    expect(files).toBeGreaterThan(5);
    // Never over what lies there, and nothing of another medium than the bundle has.
    const again = await collect.call('collect.writeToMedium', writing);
    expect(await collect.codeOf('operations.wait', { id: again.operationId })).toBe(
      'COLLECT_OUTPUT_NOT_EMPTY',
    );
    expect(await collect.codeOf('collect.writeToMedium', { ...writing, volume: 2 })).toBe(
      'CONTRACT_NOT_FOUND',
    );
    const other = join(dir, 'stick', 'cut');
    const cut = await collect.call('collect.writeToMedium', { manifestSha256, folder: other });
    await collect.call('operations.cancel', { id: cut.operationId });
    expect(await collect.codeOf('operations.wait', { id: cut.operationId })).toBe('CONTRACT_CANCELLED');
    expect(existsSync(other)).toBe(false);
    await operate.call('trust.pinRoot', { folder, fingerprint });
    await operate.finish(await operate.call('bundles.import', { folder, carrier: 'Tom Okafor' }));
    const steps = (await operate.call('operations.list', {}))[0]?.steps ?? [];
    // No scanner looked at it: that is said, not ticked.
    expect(steps.map(({ id, state }) => `${id} ${state}`).filter((step) => !/^malware/.test(step))).toEqual([
      'keys done',
      'metadata done',
      'hashes done',
      'vendor skipped',
      'switch done',
    ]);
    expect(steps.find(({ id }) => id === 'hashes')).toMatchObject({ unit: 'bytes', figure: 'All read' });
    const page = await operate.call('catalogue.search', {});
    expect(page.patches.map((patch) => patch.package).sort()).toEqual(['openssl', 'rsync', 'tzdata']);
  });
});
