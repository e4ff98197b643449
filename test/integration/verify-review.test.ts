import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatDecision } from '../../main/core/review/decision-file.ts';
import { formatEnvelope, preAuthEncode } from '../../main/core/review/dsse.ts';
import { PACK_TYPE } from '../../main/core/review/review-pack.ts';
import { canonicalJson } from '../../main/core/plan.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';
import { packEntries, packFileName, readPage, zipEntries } from '../../main/review/pack-zip.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { openPack, signDecision } from '../../main/review/review-files.ts';
import { createReviewerKey, openReviewerKey } from '../../main/review/reviewer-key.ts';
import { buildPage } from '../setup/build-page.ts';
import { outDir } from '../setup/paths.ts';
import { ensureDebianPackages } from '../setup/debian-packages.ts';
import { decisionOf, PACK, PACK_SHA256 } from '../support/review-site.ts';

const docs = readFileSync(new URL('../../docs/VERIFY-review.md', import.meta.url), 'utf8');
/** A block of the document, as a reader would paste it. */
const block = (name: string): string =>
  new RegExp(`\`\`\`sh ${name}\n([\\s\\S]*?)\`\`\``).exec(docs)?.[1] ?? `echo no block ${name}; exit 99`;

/** The commands of docs/VERIFY-review.md, run by bash over files of ours: nothing of Sallyport takes part in the check. */
describe('checking with tools that are not ours', () => {
  let folder: string;
  let site: string;
  let publicKey: string;
  let page: string;
  /** The same folder as somebody else signed it: their key, and everything under it in order. */
  let foreign: string;

  beforeAll(async () => {
    if (process.platform === 'linux')
      ensureDebianPackages('checks of signatures', ['openssl', 'openssh-client', 'jq']);
    await buildPage(join(outDir, 'page', 'review.html'));
    folder = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
    const keyOf = async (name: string) => {
      const file = join(folder, `${name}.key`);
      await createReviewerKey(file, name, 'nine wet umbrellas drying', { N: 1024, r: 8, p: 1 });
      return openReviewerKey(file, 'nine wet umbrellas drying');
    };
    const siteKey = await keyOf('site');
    site = siteKey.publicKey;
    const zipOf = async (key: typeof siteKey): Promise<Buffer> => {
      const payload = reviewCrypto.encodeUtf8(canonicalJson(PACK));
      const signature = key.sign(preAuthEncode(PACK_TYPE, payload, reviewCrypto));
      const signatures = [{ keyId: key.publicKey, signature }];
      const envelope = formatEnvelope({ payloadType: PACK_TYPE, payload, signatures }, reviewCrypto);
      const { publicKey } = key;
      const source = { payload, sha256: PACK_SHA256, envelope, publicKey, page: readPage() };
      return zipEntries(await packEntries(source), PACK.createdAt, key);
    };
    const zip = await zipOf(siteKey);
    page = reviewCrypto.sha256(unzipSync(zip)['review.html'] ?? new Uint8Array());
    const file = join(folder, packFileName({ ...PACK, customer: 'Ministry of Maps' }));
    expect(file).toMatch(/northfield-trust-ministry-of-maps-2026-11-20[.]sallyport-pack[.]zip$/);
    writeFileSync(file, zip);
    expect(openPack(file)).toMatchObject({ sha256: PACK_SHA256, siteFingerprint: keyFingerprint(site) });
    for (const [name, bytes] of Object.entries(unzipSync(zip))) writeFileSync(join(folder, name), bytes);
    foreign = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
    for (const [name, bytes] of Object.entries(unzipSync(await zipOf(await keyOf('thief')))))
      writeFileSync(join(foreign, name), bytes);

    const grace = await keyOf('grace');
    ({ publicKey } = grace);
    writeFileSync(join(folder, 'decision.json'), signDecision(formatDecision(decisionOf()), grace));
    writeFileSync(join(folder, 'plain.json'), formatDecision(decisionOf()));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'approver')]);
    execFileSync('ssh-keygen', [
      ...['-q', '-Y', 'sign', '-n', 'patch-decision@sallyport', '-f', join(folder, 'approver')],
      join(folder, 'plain.json'),
    ]);
  });
  afterAll(() => {
    for (const each of [folder, foreign]) rmSync(each, { recursive: true, force: true });
  });

  const run = (name: string, cwd = folder) =>
    spawnSync('bash', ['-e', '-o', 'pipefail', '-c', block(name)], {
      ...{ cwd, encoding: 'utf8' },
      env: {
        ...{ ...process.env, LC_ALL: 'C.UTF-8' },
        ...{ PUBLIC_KEY: publicKey, FINGERPRINT: keyFingerprint(site), PAGE: page },
      },
    });
  /** Runs it where one byte of a file is another. */
  const runChanged = (name: string, file: string, at: (bytes: Buffer) => number) => {
    const copy = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
    try {
      cpSync(folder, copy, { recursive: true });
      const bytes = readFileSync(join(copy, file));
      const place = at(bytes);
      bytes[place] = bytes[place] === 0x41 ? 0x42 : 0x41;
      writeFileSync(join(copy, file), bytes);
      return run(name, copy);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };

  it('prints the fingerprint that the site told', () => {
    expect(run('fingerprint').stdout.slice(0, 64)).toBe(keyFingerprint(site));
  });

  it.each<readonly [string, RegExp, readonly (readonly [string, (bytes: Buffer) => number])[]]>([
    [
      'pack-files',
      /Good "review-pack@sallyport" signature for site[\s\S]*pack\.json: OK[\s\S]*review\.html: OK/,
      [
        ...['pack.json', 'review.html', 'patches.csv', 'patches.xlsx', 'READ-ME.txt', 'SHA256SUMS'].map(
          (file) => [file, (bytes: Buffer) => bytes.length >> 1] as const,
        ),
        ['SHA256SUMS.sig', (bytes) => bytes.indexOf('\n') + 180],
      ],
    ],
    ['page', /review\.html: OK/, [['review.html', (bytes) => bytes.length >> 1]]],
    [
      'pack-envelope',
      /Signature Verified Successfully/,
      [
        ['pack.json', (bytes) => bytes.indexOf('"payload":"') + 40],
        ['pack.json', (bytes) => bytes.indexOf('"sig":"') + 20],
      ],
    ],
    [
      'decision',
      /Signature Verified Successfully/,
      [
        ['decision.json', (bytes) => bytes.indexOf('"payload":"') + 40],
        ['decision.json', (bytes) => bytes.indexOf('"sig":"') + 20],
      ],
    ],
    [
      'ssh-decision',
      /Good "patch-decision@sallyport" signature for approver/,
      [['plain.json', (bytes) => bytes.indexOf('approve')]],
    ],
  ])('%s: holds, and a changed byte fails', (name, good, changes) => {
    const whole = run(name);
    expect(`${whole.stdout}${whole.stderr}`).toMatch(good);
    expect(whole.status).toBe(0);
    for (const [file, at] of changes)
      expect([file, runChanged(name, file, at).status === 0]).toEqual([file, false]);
  });

  it.each(['page', 'pack-files', 'pack-envelope'])(
    '%s: fails over a pack that somebody else signed',
    (name) => {
      const { status, stderr } = run(name, foreign);
      expect([
        status === 0,
        /command not found|No such file or directory.*(jq|openssl)/.test(stderr),
      ]).toEqual([false, false]);
    },
  );

  it('pack-envelope: fails over another envelope beside the right key', () => {
    const copy = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
    try {
      cpSync(folder, copy, { recursive: true });
      cpSync(join(foreign, 'pack.json'), join(copy, 'pack.json'));
      // What an earlier check left behind must not stand in for the key.
      expect(run('pack-envelope', folder).status).toBe(0);
      cpSync(join(folder, 'key.der'), join(copy, 'key.der'));
      expect(run('pack-envelope', copy).status).not.toBe(0);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('pack-files: fails over a page that was replaced, and its sum with it', () => {
    const copy = mkdtempSync(join(tmpdir(), 'sallyport-verify-'));
    try {
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, 'review.html'), '<script>steal()</script>');
      const sums = readFileSync(join(copy, 'SHA256SUMS'), 'utf8');
      const sum = reviewCrypto.sha256(readFileSync(join(copy, 'review.html')));
      writeFileSync(join(copy, 'SHA256SUMS'), sums.replace(/^.{64}(?= {2}review\.html$)/m, sum));
      expect(run('pack-files', copy).status).not.toBe(0);
      expect(run('page', copy).status).not.toBe(0);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});
