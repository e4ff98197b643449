import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../main/core/plan.ts';
import { parseDecision } from '../../main/core/review/decision-file.ts';
import { formatEnvelope, parseEnvelope, preAuthEncode } from '../../main/core/review/dsse.ts';
import { PACK_TYPE } from '../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';
import { keyFingerprint } from '../../main/review/public-key.ts';
import { findViolations, launchWindow } from './window.ts';

/** Of the list that every workspace decides on. */
const LIST = 'Patches to decide';
const PASSPHRASE = 'tin kettle river stone';

/** A pack of two patches as a site signs it. @returns the fingerprint of the key */
function writePack(file: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  const patch = (sha256: string, name: string) => ({
    ...{ sha256, package: name, arch: 'amd64', version: '2.0-1', source: name, severity: 'high' },
    ...{ urgency: 'high', security: true, cves: ['CVE-2026-1000'], size: 120_000, requested: true },
    endpoints: [{ id: 'e1', name: 'web-1', from: '1.0-1' }],
  });
  const payload = reviewCrypto.encodeUtf8(
    canonicalJson({
      ...{ format: 'sallyport-review-pack/1', packId: '11111111-1111-4111-8111-111111111111', siteId: 's1' },
      ...{ siteName: 'Ward 9', marking: 'OFFICIAL', approvalId: 'a1', planId: 'l1', nonce: 'd'.repeat(32) },
      ...{ planDigest: 'c'.repeat(64), createdAt: new Date(Date.now() - 3_600_000).toISOString() },
      ...{ createdBy: 'Asha', cutOffAt: new Date(Date.now() + 86_400_000).toISOString(), approvers: 1 },
      patches: [patch('a'.repeat(64), 'bash'), patch('b'.repeat(64), 'curl')],
    }),
  );
  const signature = sign(null, preAuthEncode(PACK_TYPE, payload, reviewCrypto), privateKey);
  writeFileSync(
    file,
    formatEnvelope(
      { payloadType: PACK_TYPE, payload, signatures: [{ keyId: publicKey, signature }] },
      reviewCrypto,
    ),
  );
  return keyFingerprint(publicKey);
}

test('a customer opens a pack with no account, decides by keyboard over a killed window, and signs', async () => {
  const media = mkdtempSync(join(tmpdir(), 'sallyport-media-'));
  const data = mkdtempSync(join(tmpdir(), 'sallyport-review-'));
  const fingerprint = writePack(join(media, 'pack.json'));
  const look = async (page: Parameters<typeof findViolations>[0]): Promise<void> => {
    for (const theme of ['light', 'dark']) {
      await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme);
      expect(await findViolations(page)).toEqual([]);
    }
  };
  let window = await launchWindow({ dataDir: data });
  try {
    let { page } = window;
    await page.getByRole('radio', { name: 'Review' }).check({ force: true });
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('heading', { name: 'Packs' }).waitFor();
    await look(page);
    await page.getByRole('button', { name: 'Open a pack' }).click();
    await page.getByLabel('File of the pack').fill(join(media, 'pack.json'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Is it from Ward 9?' }).waitFor();
    await look(page);
    await page.getByLabel('Fingerprint of the site').fill(fingerprint);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('Signed with the key that you compared').waitFor();
    await page.getByRole('tab', { name: /Decide/ }).click();
    const grid = page.getByRole('grid', { name: LIST });
    await grid.waitFor();
    await look(page);
    await window.screenshot('review-pack');
    await grid.focus();
    await page.keyboard.press('a');
    await grid.getByText('Approve', { exact: true }).waitFor();
    await page.getByRole('tab', { name: /1 of 2/ }).waitFor();

    window.app.process().kill('SIGKILL');
    await window.app.waitForEvent('close').catch(() => undefined);
    window = await launchWindow({ dataDir: data });
    ({ page } = window);
    await page.getByRole('button', { name: /Ward 9/ }).click();
    const again = page.getByRole('grid', { name: LIST });
    await again.getByText('Approve', { exact: true }).waitFor();

    await again.focus();
    await page.keyboard.press('j');
    await page.keyboard.press('r');
    await page.keyboard.type('the proxy needs the old one');
    await page.keyboard.press('Enter');
    await again.getByText('Reject', { exact: true }).waitFor();
    await page.getByRole('tab', { name: /2 of 2/ }).waitFor();
    await page.getByRole('button', { name: 'Go to the signature' }).click();
    await page.getByRole('button', { name: 'Make my key' }).click();
    await page.getByRole('button', { name: 'Make my key' }).click();
    await page.getByLabel('Your name').fill('Mira');
    await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await page.getByLabel('The same again').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByRole('heading', { name: 'Fingerprint in words' }).waitFor();
    await look(page);
    await window.screenshot('review-my-key');
    await page.getByRole('button', { name: 'Packs' }).click();
    await page.getByRole('tab', { name: /Sign/ }).click();
    await page.getByLabel('Passphrase of your key').fill(PASSPHRASE);
    await page.getByLabel('New file on the medium').fill(join(media, 'decision.json'));
    await page.getByRole('button', { name: 'Sign and write' }).click();
    await page.getByText('The decision is written').waitFor();
    await look(page);
    await window.screenshot('review-signed');

    const envelope = parseEnvelope(
      readFileSync(join(media, 'decision.json'), 'utf8'),
      'decision',
      reviewCrypto,
    );
    const decision = parseDecision(reviewCrypto.decodeUtf8(envelope.payload), 'decision');
    expect(decision.rows.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['approve', ''],
      ['reject', 'the proxy needs the old one'],
    ]);
  } finally {
    await window.close();
    for (const folder of [media, data]) rmSync(folder, { recursive: true, force: true });
  }
}, 900_000);
