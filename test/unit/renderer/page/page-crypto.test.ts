import { sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintWords, readFingerprint } from '../../../../main/bundle/fingerprint.ts';
import * as pure from '../../../../main/core/fingerprint.ts';
import { DECISION_TYPE, formatDecision } from '../../../../main/core/review/decision-file.ts';
import { formatEnvelope, preAuthEncode } from '../../../../main/core/review/dsse.ts';
import { judgeDecision } from '../../../../main/core/review/judge-decision.ts';
import { PACK_TYPE } from '../../../../main/core/review/review-pack.ts';
import { canonicalJson } from '../../../../main/core/plan.ts';
import { reviewCrypto } from '../../../../main/review/node-crypto.ts';
import { createReviewerKey, openReviewerKey } from '../../../../main/review/reviewer-key.ts';
import { KDF_COST } from '../../../../main/secrets/sealing.ts';
import { pageCrypto, verifyEd25519, whyNoSignatures } from '../../../../renderer/page/browser-crypto.ts';
import { openPack, signDecision } from '../../../../renderer/page/open-pack.ts';
import { makeKey, openKey } from '../../../../renderer/page/reviewer-key.ts';
import {
  decisionOf,
  makeKey as makeTestKey,
  PACK,
  PACK_SHA256,
  siteWith,
  type TestKey,
} from '../../../support/review-site.ts';

const PASSPHRASE = 'sechs nasse Schirme trocknen';
/** An envelope of a site whose key id is, as in a pack, the public key itself. */
function signedBy(key: TestKey, payloadType: string, payload: Uint8Array, keyId: string): string {
  const signature = sign(null, preAuthEncode(payloadType, payload, reviewCrypto), key.privateKey);
  return formatEnvelope({ payloadType, payload, signatures: [{ keyId, signature }] }, reviewCrypto);
}
const COST = { N: 1024, r: 8, p: 1 };

describe("the page's cryptography beside the application's", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-page-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('writes a key that the application opens, at the cost that the application takes', async () => {
    const { file, key } = await makeKey('Grace', PASSPHRASE);
    const path = join(folder, 'page.key');
    writeFileSync(path, file);
    const opened = await openReviewerKey(path, PASSPHRASE.normalize('NFD'));
    expect([opened.name, opened.publicKey]).toEqual(['Grace', key.publicKey]);
    const message = Buffer.from('a decision');
    const signature = Buffer.from(opened.sign(message)).toString('hex');
    expect(Buffer.from(await key.sign(message)).toString('hex')).toBe(signature);
    const { kdf } = JSON.parse(file) as { kdf: object };
    expect(kdf).toMatchObject(KDF_COST);
    await expect(openReviewerKey(path, 'another passphrase')).rejects.toMatchObject({
      code: 'VAULT_PASSPHRASE_WRONG',
    });
  });

  it('opens a key that the application wrote, and no other passphrase or label does', async () => {
    const path = join(folder, 'application.key');
    const made = await createReviewerKey(path, 'Ümit', PASSPHRASE, COST);
    const text = readFileSync(path, 'utf8');
    const key = await openKey(text, 'application.key', PASSPHRASE);
    expect([key.name, key.publicKey]).toEqual(['Ümit', made.publicKey]);
    const message = Buffer.from('another');
    expect(await verifyEd25519(made.publicKey, message, await key.sign(message))).toBe(true);
    await expect(openKey(text, 'k', 'another passphrase')).rejects.toMatchObject({
      code: 'VAULT_PASSPHRASE_WRONG',
    });
    const other = text.replace(made.publicKey, 'a'.repeat(64));
    await expect(openKey(other, 'k', PASSPHRASE)).rejects.toMatchObject({ code: 'VAULT_PASSPHRASE_WRONG' });
    await expect(openKey('{}', 'k', PASSPHRASE)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
    await expect(makeKey('x', 'password', undefined, COST)).rejects.toMatchObject({
      code: 'VAULT_PASSPHRASE_WEAK',
    });
  });

  it('opens a signed pack, and refuses one of which any part was changed', async () => {
    const site = makeTestKey();
    const payload = reviewCrypto.encodeUtf8(canonicalJson(PACK));
    const envelope = signedBy(site, PACK_TYPE, payload, site.publicKey);
    const opened = await openPack(envelope);
    expect(opened.pack).toEqual(PACK);
    expect(opened.sha256).toBe(reviewCrypto.sha256(payload));
    const codeOf = async (text: string): Promise<unknown> =>
      openPack(text).then(
        () => 'opened',
        (error: unknown) => (error as { code: string }).code,
      );
    const changed = Buffer.from(payload);
    changed.write('X', changed.indexOf('Northfield'));
    const swapped = JSON.parse(envelope) as { payload: string };
    expect(await codeOf(JSON.stringify({ ...swapped, payload: changed.toString('base64') }))).toBe(
      'REVIEW_SIGNATURE_BAD',
    );
    expect(await codeOf(signedBy(makeTestKey(), PACK_TYPE, payload, site.publicKey))).toBe(
      'REVIEW_SIGNATURE_BAD',
    );
    expect(await codeOf(signedBy(site, DECISION_TYPE, payload, site.publicKey))).toBe('REVIEW_TYPE_UNKNOWN');
    expect(await codeOf('<html>')).toBe('REVIEW_FILE_UNREADABLE');
    expect(
      await codeOf(
        signedBy(site, PACK_TYPE, Buffer.from('{"format":"sallyport-review-pack/9"}'), site.publicKey),
      ),
    ).toBe('REVIEW_VERSION_UNKNOWN');
  });

  it('signs the very bytes that the application would sign, and the site takes them', async () => {
    const { key } = await makeKey('Grace', PASSPHRASE, undefined, COST);
    const decision = decisionOf();
    const text = await signDecision(
      { pack: PACK, sha256: PACK_SHA256, siteFingerprint: '' },
      decision.rows,
      key,
      decision.decidedAt,
    );
    const judged = judgeDecision(
      { kind: 'envelope', file: 'a', bytes: Buffer.from(text) },
      siteWith({ ...makeTestKey(), publicKey: key.publicKey }),
      reviewCrypto,
    );
    expect(Buffer.from(judged.payload).toString()).toBe(formatDecision({ ...decision, decidedBy: 'Grace' }));
    expect(judged.decision.decidedAt).toBe(decision.decidedAt);
    const late = [decision.rows, key, '2026-11-25T12:00:00.001Z'] as const;
    await expect(
      signDecision({ pack: PACK, sha256: PACK_SHA256, siteFingerprint: '' }, ...late),
    ).rejects.toMatchObject({ code: 'REVIEW_LATE' });
    const nothing = {
      ...PACK,
      patches: PACK.patches.map((patch) => ({ ...patch, standing: 'approved' as const })),
    };
    await expect(
      signDecision({ pack: nothing, sha256: PACK_SHA256, siteFingerprint: '' }, [], key, decision.decidedAt),
    ).rejects.toMatchObject({ code: 'REVIEW_INCOMPLETE' });
  });

  it('has the same words for a fingerprint, and reads them back', () => {
    const hex = pageCrypto.sha256(Buffer.from('key'));
    expect(pure.fingerprintWords(hex, pageCrypto)).toEqual(fingerprintWords(hex));
    expect(pure.readFingerprint(fingerprintWords(hex).join(' '), pageCrypto)).toBe(hex);
    expect(readFingerprint(hex)).toBe(hex);
  });

  it('agrees with Node in what is Base64', () => {
    for (const text of [
      '',
      'AA==',
      'AB==',
      'AAA',
      '!',
      'AAAA\n',
      Buffer.from([0, 255, 127]).toString('base64'),
    ]) {
      const ours = pageCrypto.decodeBase64(text);
      const theirs = reviewCrypto.decodeBase64(text);
      expect(ours === null ? null : [...ours]).toEqual(theirs === null ? null : [...theirs]);
    }
    const long = new Uint8Array(100_000).map((_, index) => index);
    expect(pageCrypto.encodeBase64(long)).toBe(Buffer.from(long).toString('base64'));
  });

  it('says which browsers can sign when this one cannot', async () => {
    expect(await whyNoSignatures(crypto.subtle)).toBeNull();
    const old = {
      generateKey: () => Promise.reject(new Error('Unrecognized name.')),
    } as unknown as SubtleCrypto;
    expect(await whyNoSignatures(old)).toMatch(
      /Chrome and Edge can from version 137, Firefox from 129, Safari from 17/,
    );
    expect(await whyNoSignatures(undefined)).toMatch(/no cryptography/);
  });

  it('knows the bytes that a signature covers as the application does', () => {
    const payload = Buffer.from('x');
    expect([...preAuthEncode(PACK_TYPE, payload, pageCrypto)]).toEqual([
      ...preAuthEncode(PACK_TYPE, payload, reviewCrypto),
    ]);
    expect(formatEnvelope({ payloadType: 'a', payload, signatures: [] }, pageCrypto)).toBe(
      formatEnvelope({ payloadType: 'a', payload, signatures: [] }, reviewCrypto),
    );
  });
});
