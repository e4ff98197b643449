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
    const payload = reviewCrypto.encodeUtf8(canonicalJson(PACK));
    const envelope = formatEnvelope(
      {
        ...{ payloadType: PACK_TYPE, payload },
        signatures: [
          { keyId: site, signature: siteKey.sign(preAuthEncode(PACK_TYPE, payload, reviewCrypto)) },
        ],
      },
      reviewCrypto,
    );
    const source = { payload, sha256: PACK_SHA256, envelope, publicKey: site, page: readPage() };
    const zip = await zipEntries(await packEntries(source), PACK.createdAt, siteKey);
    const file = join(folder, packFileName({ ...PACK, customer: 'Ministry of Maps' }));
    expect(file).toMatch(/northfield-trust-ministry-of-maps-2026-11-20[.]sallyport-pack[.]zip$/);
    writeFileSync(file, zip);
    expect(openPack(file)).toMatchObject({ sha256: PACK_SHA256, siteFingerprint: keyFingerprint(site) });
    for (const [name, bytes] of Object.entries(unzipSync(zip))) writeFileSync(join(folder, name), bytes);

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
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (name: string, cwd = folder) =>
    spawnSync('bash', ['-e', '-o', 'pipefail', '-c', block(name)], {
      ...{ cwd, encoding: 'utf8', env: { ...process.env, PUBLIC_KEY: publicKey, LC_ALL: 'C.UTF-8' } },
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
});
