import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../contract/site.ts';
import { ROLES } from '../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../main/app/compose.ts';
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
      advisoriesFile: null,
      downloadFolder: join(dir, 'downloads'),
    });
    const opened = await collect.call('collect.openNeeds', { file });
    needsId = opened.id;
    expect(opened).toMatchObject({ name: 'ward-9', openedBy: 'Asha', holdings: null });
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

  it('is imported at the other site once its root is pinned there', async () => {
    const folder = join(dir, 'media');
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
