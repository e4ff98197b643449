import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { DECISION_TYPE, formatDecision, type DecisionFile } from '../../main/core/review/decision-file.ts';
import { formatEnvelope, preAuthEncode } from '../../main/core/review/dsse.ts';
import {
  keyIdOf,
  type DecisionInput,
  type EnrolledKey,
  type ReviewSite,
  type SentPack,
} from '../../main/core/review/judge-decision.ts';
import { UNKNOWN_FACTS, type ReviewPack } from '../../main/core/review/review-pack.ts';
import { canonicalJson } from '../../main/core/plan.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';

export const NOW = '2026-11-24T12:00:00.000Z';
export const OPENSSL = 'a'.repeat(64);
export const LIBSSL = 'b'.repeat(64);

export interface TestKey {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function makeKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { publicKey: Buffer.from(x, 'base64url').toString('hex'), privateKey };
}

const patch = (sha256: string, name: string): ReviewPack['patches'][number] => ({
  ...UNKNOWN_FACTS,
  sha256,
  package: name,
  arch: 'amd64',
  version: '3.0.22-1',
  source: 'openssl',
  severity: 'high',
  urgency: 'medium',
  security: true,
  cves: ['CVE-2026-1000'],
  size: 1_000,
  requested: true,
  endpoints: [{ id: 'e1', name: 'web-1', from: '3.0.20-1' }],
});

export const PACK: ReviewPack = {
  format: 'sallyport-review-pack/1',
  packId: 'pack-1',
  siteId: 'site-1',
  siteName: 'Northfield Trust',
  marking: 'OFFICIAL',
  approvalId: 'approval-1',
  planId: 'plan-1',
  planDigest: 'd'.repeat(64),
  nonce: '0123456789abcdef0123456789abcdef',
  createdAt: '2026-11-20T12:00:00.000Z',
  createdBy: 'Asha Rahman',
  cutOffAt: '2026-11-25T12:00:00.000Z',
  approvers: 1,
  ...{ customer: '', singleOperator: false, groups: [], endpoints: [], diff: null, evidence: [] },
  patches: [patch(LIBSSL, 'libssl3'), patch(OPENSSL, 'openssl')],
};
export const PACK_SHA256 = reviewCrypto.sha256(Buffer.from(canonicalJson(PACK)));

export const decisionOf = (fields: Partial<DecisionFile> = {}): DecisionFile => ({
  format: 'sallyport-decision-file/1',
  siteId: 'site-1',
  packId: 'pack-1',
  packSha256: PACK_SHA256,
  planDigest: PACK.planDigest,
  nonce: PACK.nonce,
  cutOffAt: PACK.cutOffAt,
  decidedAt: '2026-11-23T09:00:00.000Z',
  decidedBy: 'Grace Lindqvist',
  rows: [
    { patch: LIBSSL, verdict: 'approve', reason: '', until: null, control: '' },
    { patch: OPENSSL, verdict: 'approve', reason: '', until: null, control: '' },
  ],
  ...fields,
});

/** The text of a decision file, signed as the Review side signs it. */
export function signedText(payload: string | Uint8Array, key: TestKey, type: string = DECISION_TYPE): string {
  const bytes = Buffer.from(payload);
  const signature = sign(null, preAuthEncode(type, bytes, reviewCrypto), key.privateKey);
  const keyId = keyIdOf(key.publicKey, reviewCrypto);
  return formatEnvelope(
    { payloadType: type, payload: bytes, signatures: [{ keyId, signature }] },
    reviewCrypto,
  );
}

export const fileOf = (text: string | Uint8Array): DecisionInput => ({
  kind: 'envelope',
  file: 'decision.json',
  bytes: Buffer.from(text),
});

export const signedFile = (fields: Partial<DecisionFile>, key: TestKey): DecisionInput =>
  fileOf(signedText(formatDecision(decisionOf(fields)), key));

export function siteWith(
  key: TestKey,
  fields: {
    readonly key?: Partial<EnrolledKey>;
    readonly sent?: Partial<SentPack>;
    readonly site?: Partial<ReviewSite>;
  } = {},
): ReviewSite {
  const pack = fields.sent?.pack ?? PACK;
  const sent: SentPack = {
    ...{ pack, sha256: PACK_SHA256, requestedBy: 'asha', supersededBy: null, isOpen: true },
    granted: 'nothing',
    // As the pack shows them.
    terms: {
      groupOf: (id) => pack.endpoints.find((item) => item.id === id)?.group,
      customerOf: () => pack.customer,
      policyOf: (group) => pack.groups.find((item) => item.name === group)?.policySha256 ?? null,
    },
    ...fields.sent,
  };
  return {
    siteId: 'site-1',
    now: NOW,
    findPack: (id) => (id === sent.pack.packId ? sent : undefined),
    keys: [
      {
        personId: 'grace',
        personName: 'Grace Lindqvist',
        mayApprove: true,
        enrolledBy: 'manager',
        publicKey: key.publicKey,
        validFrom: '2026-01-01T00:00:00.000Z',
        validUntil: null,
        revokedAt: null,
        ...fields.key,
      },
    ],
    known: [],
    delegations: [],
    sameHand: (a, b) => a === b,
    speaksFor: () => true,
    ...fields.site,
  };
}
