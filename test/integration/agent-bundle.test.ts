import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import { blobPath } from '../../main/bundle/read-metadata.ts';
import { buildBundle, type BuildResult } from '../../main/collect/build-bundle.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import { agentPath } from '../../main/core/bundle/agents.ts';
import { formatRepositories } from '../../main/core/bundle/contents.ts';
import { buildAgentPackage } from '../../main/patching/agent/build-package.ts';
import { writeDeb, sha256 } from '../lab/embedded/deb-file.ts';
import { writeTestBundle } from '../support/bundle-builder.ts';
import { expectRefusal } from '../support/bundle-refusal.ts';
import { Caller } from '../support/caller.ts';
import { codedFailure } from '../support/coded.ts';
import { openTestSite } from '../support/test-site.ts';

const PASSPHRASE = 'tin kettle river stone';
const NOW = '2026-11-25T00:00:00Z';

let dir: string;
let engine: Engine;
let ann: Caller;
let fingerprint: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-agent-'));
  ({ fingerprint } = await createSigningKeys({
    dir: join(dir, 'keys'),
    passphrase: PASSPHRASE,
    now: NOW,
    scrypt: { N: 1_024, r: 8, p: 1 },
  }));
  engine = await openEngine({
    dataDir: join(dir, 'site'),
    lease: 'hold',
    kdfCost: { N: 1024, r: 8, p: 1 },
    now: () => NOW,
  });
  ann = new Caller(engine);
  const person = {
    name: 'Ann',
    roles: ['engineer' as const, 'service-manager' as const],
    passphrase: PASSPHRASE,
  };
  await ann.call('site.create', { name: 'North', person });
});
afterEach(async () => {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A folder with these versions of the agent. */
async function agentFolder(name: string, ...versions: string[]): Promise<string> {
  const folder = join(dir, name);
  mkdirSync(folder);
  for (const version of versions) {
    const { fileName, bytes } = await buildAgentPackage(version);
    writeFileSync(join(folder, fileName), bytes);
  }
  return folder;
}

const build = (out: string, agent: string): Promise<BuildResult> =>
  buildBundle({
    needs: { format: 'sallyport-needs-list/1', createdAt: NOW, platforms: [], holdings: null },
    outDir: join(dir, out),
    keysDir: join(dir, 'keys'),
    passphrase: PASSPHRASE,
    now: NOW,
    agent,
  });

async function importCode(out: string): Promise<string> {
  const { operationId } = await ann.call('bundles.import', { folder: join(dir, out) });
  return (await ann.codeOf('operations.wait', { id: operationId })) ?? 'imported';
}

async function listed(): Promise<string[]> {
  const agents = await ann.call('agents.list', {});
  return agents.map(
    ({ version, bundle, held, newest, pinnedBy }) =>
      `${version} ${bundle} ${held ? 'here' : 'gone'}${newest ? ' newest' : ''}${pinnedBy === null ? '' : ` ${pinnedBy}`}`,
  );
}

async function wantWordOfAgents(): Promise<void> {
  const { current } = await ann.call('raci.get', {});
  await ann.call('raci.set', {
    ...{ basedOn: current.version, reason: 'they want to know' },
    rows: current.rows
      .filter(({ element }) => element === 'agents-provide')
      .map((row) => ({ ...row, customer: ['I' as const] })),
  });
}

describe('an agent in a bundle', () => {
  it('travels alone, is listed with the bundle that brought it, and is never replaced by an older one', async () => {
    const built = await build('first', await agentFolder('a1', '1.9'));
    expect(built).toMatchObject({ stream: 'agent', seq: 1, base: 0, agents: ['1.9'] });
    const folder = join(dir, 'first');
    await ann.call('trust.pinRoot', { folder, fingerprint });
    await wantWordOfAgents();
    expect((await ann.call('bundles.inspect', { folder })).agents).toEqual(['sallyport-agent 1.9']);
    expect(await listed()).toEqual([]);
    expect(await importCode('first')).toBe('imported');
    const [first] = await ann.call('agents.list', {});
    const { bytes } = await buildAgentPackage('1.9');
    expect(first).toEqual({
      name: 'sallyport-agent',
      version: '1.9',
      architecture: 'all',
      sha256: sha256(bytes),
      size: bytes.length,
      bundle: 'agent/1',
      importedAt: NOW,
      held: true,
      newest: true,
      pinnedBy: null,
    });

    await build('second', await agentFolder('a2', '1.9', '1.10'));
    expect(await importCode('second')).toBe('imported');
    expect(await listed()).toEqual(['1.10 agent/2 here newest', '1.9 agent/1 here']);
    // A matrix that gives somebody a letter in it is served; as it comes, nobody has one.
    const told = await ann.call('notices.list', {});
    expect(told.filter(({ element }) => element === 'agents-provide').map(({ text }) => text)).toEqual([
      'Ann imported versions 1.9, 1.10 of the agent with bundle agent/2.',
      'Ann imported version 1.9 of the agent with bundle agent/1.',
    ]);

    // Older, and not here already: refused; older, but here: taken.
    await build('third', await agentFolder('a3', '1.8'));
    expect(await importCode('third')).toBe('BUNDLE_ROLLBACK');
    await build('fourth', join(dir, 'a1'));
    expect(await importCode('fourth')).toBe('imported');

    // Pinned, it stays; unpinned, it goes, and does not come back. The newest stays for ever.
    await ann.call('agents.pin', { version: '1.9', pinned: true });
    expect((await ann.call('catalogue.collectGarbage', {})).objects).toEqual([]);
    expect(await listed()).toEqual(['1.10 agent/2 here newest', '1.9 agent/1 here Ann']);
    await ann.call('agents.pin', { version: '1.9', pinned: false });
    const { objects } = await ann.call('catalogue.collectGarbage', {});
    expect(objects.map(({ name }) => name)).toEqual(['sallyport-agent 1.9']);
    expect(await listed()).toEqual(['1.10 agent/2 here newest', '1.9 agent/1 gone']);
    expect(existsSync(join(dir, 'site', 'content', sha256(bytes).slice(0, 2), sha256(bytes)))).toBe(false);
    await build('fifth', join(dir, 'a1'));
    expect(await importCode('fifth')).toBe('BUNDLE_ROLLBACK');
    expect(await ann.codeOf('agents.pin', { version: '1.9', pinned: true })).toBe('CONTRACT_NOT_FOUND');
  });

  it('is refused with a flipped byte', async () => {
    await build('first', await agentFolder('a1', '1.9'));
    const folder = join(dir, 'first');
    await ann.call('trust.pinRoot', { folder, fingerprint });
    const file = join(folder, blobPath(sha256((await buildAgentPackage('1.9')).bytes)));
    const bytes = readFileSync(file);
    bytes[9_000] = (bytes[9_000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await importCode('first')).toBe('BUNDLE_HASH_MISMATCH');
    expect(await listed()).toEqual([]);
  });

  it('is not built from what is not our agent', async () => {
    const code = async (name: string, fileName: string, bytes: Uint8Array): Promise<string> => {
      const folder = await agentFolder(name);
      writeFileSync(join(folder, fileName), bytes);
      const failure = await codedFailure(build(`out-${name}`, folder));
      return `${failure.code} ${failure.message.replace(/^.*agent: /, '')}`;
    };
    const control = (text: string): Uint8Array =>
      writeDeb(`Package: sallyport-agent\nVersion: 1.0\nArchitecture: all\n${text}`, []);
    const good = 'sallyport-agent_1.0_all.deb';
    const { bytes } = await buildAgentPackage('1.0');
    expect([
      await code('other', good, control('Package: openssl\n')),
      await code('arch', good, control('Architecture: amd64\n')),
      await code('name', 'sallyport-agent_2.0_all.deb', bytes),
      await code('else', 'README', bytes),
      await code('short', good, bytes.subarray(0, 4_000)),
      await code('odd', good, Buffer.from('no package')),
    ]).toEqual([
      'COLLECT_AGENT_INVALID it is the package openssl.',
      'COLLECT_AGENT_INVALID it is for the architecture amd64.',
      'COLLECT_AGENT_INVALID it is version 1.0, and its name says something else.',
      'COLLECT_AGENT_INVALID it is version 1.0, and its name says something else.',
      'COLLECT_AGENT_INVALID it is no Debian package.',
      'COLLECT_AGENT_INVALID it is no Debian package.',
    ]);
    expect((await codedFailure(build('none', await agentFolder('empty')))).code).toBe(
      'COLLECT_FOLDER_UNREADABLE',
    );
    expect((await codedFailure(build('none-2', join(dir, 'nowhere')))).code).toBe(
      'COLLECT_FOLDER_UNREADABLE',
    );
  });

  it('is refused by a site when it is not what the signed list says', async () => {
    const { bytes } = await buildAgentPackage('1.0');
    const other = writeDeb('Package: sallyport-agent\nVersion: 1.1\nArchitecture: all\n', []);
    const site = openTestSite();
    try {
      const write = (seq: number, content: Uint8Array, isListed: boolean): void => {
        rmSync(site.mediaDir, { recursive: true, force: true });
        writeTestBundle(site.mediaDir, {
          seq,
          changeObjects: (objects) => {
            const path = agentPath('1.0');
            objects.set(path, { class: 'agent', bytes: content });
            const list = objects.get('sallyport/repositories.json');
            const text = new TextDecoder().decode(list?.bytes);
            const { repositories } = JSON.parse(text) as {
              repositories: Parameters<typeof formatRepositories>[0];
            };
            const agent = {
              name: 'sallyport-agent',
              version: '1.0',
              architecture: 'all',
              path,
              sha256: sha256(content),
            } as const;
            const changed = formatRepositories(repositories, isListed ? [agent] : []);
            objects.set('sallyport/repositories.json', {
              class: 'repositories',
              bytes: new TextEncoder().encode(changed),
            });
          },
        });
      };
      write(1, other, true);
      await expectRefusal(site, 'BUNDLE_MIX_AND_MATCH', 'sallyport-agent_1.0_all.deb');
      write(1, bytes, false);
      await expectRefusal(site, 'BUNDLE_MIX_AND_MATCH', 'sallyport-agent_1.0_all.deb');
      write(1, bytes, true);
      expect(await site.import()).toMatchObject({ outcome: 'imported', packages: 2 });
      expect(site.imports.knownAgents()).toMatchObject([{ version: '1.0', isHeld: true }]);
    } finally {
      site.close();
    }
  });
});
