import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import { rootFingerprint } from '../../main/bundle/trust-root.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import { testKey, testRoot, writeTestBundle, type TestBundleOptions } from '../support/bundle-builder.ts';
import { addPerson, Caller } from '../support/caller.ts';

/** A site whose builder lost its keys or its numbers: through the same dispatch as window and command line. */
const ROOT = testRoot();
const STRANGER = testKey('stranger');
const OTHER_ROOT = testRoot({ keys: [STRANGER] });
const PASSPHRASE = 'tin kettle river stone';
const REASON = 'the builder was restored from its backup of March';

let dir: string;
let now: string;
let engine: Engine;
let ann: Caller;
let bea: Caller;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-re-anchor-'));
  now = '2026-11-25T00:00:00Z';
  engine = await openEngine({
    dataDir: join(dir, 'site'),
    lease: 'hold',
    kdfCost: { N: 1024, r: 8, p: 1 },
    now: () => now,
  });
  ann = new Caller(engine);
  const person = { name: 'Ann', roles: ['engineer' as const], passphrase: PASSPHRASE };
  await ann.call('site.create', { name: 'North', person });
  bea = await addPerson(engine, ann, { name: 'Bea', roles: ['approver'], passphrase: PASSPHRASE });
  const folder = write({ seq: 12, versions: versions(12) });
  await ann.call('trust.pinRoot', { folder, fingerprint: rootFingerprint(ROOT) });
  await ann.finish(await ann.call('bundles.import', { folder }));
});
afterEach(async () => {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
});

const versions = (version: number) => ({ timestamp: version, snapshot: version, targets: version });
let written = 0;
function write(options: TestBundleOptions): string {
  const folder = join(dir, `media-${(written += 1)}`);
  writeTestBundle(folder, options);
  return folder;
}
const inStream = (stream: string): TestBundleOptions => ({
  changeManifest: (manifest) => ({ ...manifest, stream }),
});
const importCode = async (folder: string): Promise<string> => {
  const { operationId } = await ann.call('bundles.import', { folder });
  return (await ann.codeOf('operations.wait', { id: operationId })) ?? 'imported';
};
const actions = async (): Promise<string[]> =>
  (await ann.call('audit.list', { afterSeq: 0, limit: 500 })).map(
    ({ action, actor }) => `${actor} ${action}`,
  );

describe('a site whose builder went back', () => {
  it('takes its media again once two persons have said so, and knows for ever what was given up', async () => {
    const folder = write({ seq: 1, versions: versions(3), ...inStream('main-2') });
    expect(await importCode(folder)).toBe('BUNDLE_ROLLBACK');
    const fingerprint = rootFingerprint(ROOT);
    const proposal = await ann.call('trust.proposeReAnchor', { folder, fingerprint, reason: REASON });
    expect(proposal).toMatchObject({
      status: 'proposed',
      bundle: 'main-2/1',
      givesUp: ['timestamp', 'snapshot', 'targets'].map((what) => ({ what, from: 12, to: 3 })),
    });
    // One person alone: refused by a code, and nothing has changed.
    expect(await ann.codeOf('trust.confirmReAnchor', { id: proposal.id, fingerprint })).toBe(
      'POLICY_SAME_PERSON',
    );
    expect(await bea.codeOf('trust.proposeReAnchor', { folder, fingerprint, reason: REASON })).toBe(
      'CONTRACT_FORBIDDEN',
    );
    expect(await bea.codeOf('trust.confirmReAnchor', { id: proposal.id, fingerprint: 'f'.repeat(64) })).toBe(
      'CONTRACT_CONFLICT',
    );
    expect(await importCode(folder)).toBe('BUNDLE_ROLLBACK');

    expect(await bea.call('trust.confirmReAnchor', { id: proposal.id, fingerprint })).toMatchObject({
      status: 'confirmed',
      proposedBy: 'Ann',
      confirmedBy: 'Bea',
    });
    expect(await bea.codeOf('trust.confirmReAnchor', { id: proposal.id, fingerprint })).toBe(
      'CONTRACT_CONFLICT',
    );
    expect(await importCode(folder)).toBe('imported');
    // What is older than the medium is refused as ever.
    expect(await importCode(write({ seq: 2, versions: versions(2), ...inStream('main-2') }))).toBe(
      'BUNDLE_ROLLBACK',
    );
    expect(await actions()).toEqual(
      expect.arrayContaining([
        'Ann trust.proposeReAnchor',
        'Ann trust.confirmReAnchor refused',
        'Bea trust.confirmReAnchor',
      ]),
    );
    expect((await ann.call('audit.verify', {})).intact).toBe(true);
    expect(await ann.call('trust.reAnchors', {})).toMatchObject([
      { id: proposal.id, status: 'confirmed', reason: REASON },
    ]);
  });

  it('begins anew under the root of other keyholders, and refuses that of the old ones', async () => {
    const folder = write({
      seq: 1,
      versions: versions(1),
      roots: new Map([[1, OTHER_ROOT]]),
      signers: [STRANGER],
      ...inStream('new'),
    });
    expect(await importCode(folder)).toBe('BUNDLE_HASH_MISMATCH');
    const fingerprint = rootFingerprint(OTHER_ROOT);
    expect(
      await ann.codeOf('trust.proposeReAnchor', {
        folder,
        fingerprint: rootFingerprint(ROOT),
        reason: REASON,
      }),
    ).toMatch(/^BUNDLE_/);
    const proposal = await ann.call('trust.proposeReAnchor', { folder, fingerprint, reason: REASON });
    expect(proposal.givesUp[0]).toEqual({ what: 'root', from: 1, to: 1 });
    await bea.call('trust.confirmReAnchor', { id: proposal.id, fingerprint });
    expect((await ann.call('trust.get', {})).root?.fingerprint).toBe(fingerprint);
    expect(await importCode(folder)).toBe('imported');
    expect(await importCode(write({ seq: 13, versions: versions(13) }))).toBe('BUNDLE_HASH_MISMATCH');
    // The old trust is kept whole in the record, which the database itself neither changes nor loses.
    const db = openDatabase(join(dir, 'site', 'site.db'));
    const before = db.prepare('SELECT trust_before FROM trust_reanchors').pluck().get() as string;
    expect((JSON.parse(before) as { roots: { bytes: string }[] }).roots[0]?.bytes).toBe(
      Buffer.from(ROOT).toString('base64'),
    );
    expect(() => db.exec('DELETE FROM trust_reanchors')).toThrow(/is kept/);
    expect(() => db.exec("UPDATE trust_reanchors SET reason = ''")).toThrow(/never changed/);
    db.close();
  });

  it('refuses numbers of a stream that it has, a proposal that is old, and one that the trust has moved on from', async () => {
    const fingerprint = rootFingerprint(ROOT);
    const low = write({ seq: 5, versions: versions(3) });
    expect(await ann.codeOf('trust.proposeReAnchor', { folder: low, fingerprint, reason: REASON })).toBe(
      'BUNDLE_ROLLBACK',
    );
    const folder = write({ seq: 1, versions: versions(3), ...inStream('main-2') });
    const old = await ann.call('trust.proposeReAnchor', { folder, fingerprint, reason: REASON });
    now = '2026-12-03T00:00:00Z';
    expect(await bea.codeOf('trust.confirmReAnchor', { id: old.id, fingerprint })).toBe(
      'POLICY_APPROVAL_EXPIRED',
    );
    const next = await ann.call('trust.proposeReAnchor', { folder, fingerprint, reason: REASON });
    expect(await importCode(write({ seq: 13, versions: versions(13) }))).toBe('imported');
    expect(await bea.codeOf('trust.confirmReAnchor', { id: next.id, fingerprint })).toBe('CONTRACT_CONFLICT');
  });
});

describe('a site that was restored from an old backup', () => {
  it('gives up nothing, and takes nothing that is older than the newest medium from then on', async () => {
    const newest = write({ seq: 15, versions: versions(15) });
    const fingerprint = rootFingerprint(ROOT);
    const proposal = await ann.call('trust.proposeReAnchor', {
      folder: newest,
      fingerprint,
      reason: 'restored',
    });
    expect(proposal.givesUp).toEqual([]);
    await bea.call('trust.confirmReAnchor', { id: proposal.id, fingerprint });
    expect(await importCode(write({ seq: 14, versions: versions(14) }))).toBe('BUNDLE_ROLLBACK');
    expect(await importCode(newest)).toBe('imported');
  });
});
