import { sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PolicyTerms } from '../../contract/policies.ts';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import { canonicalJson } from '../../main/core/plan.ts';
import { formatEnvelope, preAuthEncode } from '../../main/core/review/dsse.ts';
import { PACK_TYPE, type ReviewPack } from '../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';
import { Caller } from './caller.ts';
import { PACK, type TestKey } from './review-site.ts';

export const PHRASE = 'tin kettle river stone';
const NO_SHELL = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};

export const TERMS: PolicyTerms = {
  ...{ mode: 'opt-in', noticeHours: 24, approvers: 1, classes: ['security', 'other'] },
  ...{ exclusions: [], standing: [], emergency: false },
};

/** A customer's own machine: a folder that stands for their disk and the medium, and a desk in it. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-desk-'));
  clock = '2026-11-24T12:00:00.000Z';
  mira!: Caller;
  #engine: Engine | null = null;
  #files = 0;

  async start(): Promise<void> {
    await this.#engine?.close();
    this.#engine = await openEngine({
      dataDir: join(this.folder, 'data'),
      shell: NO_SHELL,
      kdfCost: { N: 1024, r: 8, p: 1 },
      now: () => this.clock,
    });
    this.mira = new Caller(this.#engine);
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A path on the medium at which nothing is. */
  newFile(): string {
    this.#files += 1;
    return join(this.folder, `file-${String(this.#files)}.json`);
  }

  /** A pack as a site signs it. */
  writePack(key: TestKey, change: Partial<ReviewPack> = {}): string {
    const payload = reviewCrypto.encodeUtf8(canonicalJson({ ...PACK, ...change }));
    const signature = sign(null, preAuthEncode(PACK_TYPE, payload, reviewCrypto), key.privateKey);
    const signatures = [{ keyId: key.publicKey, signature }];
    const file = this.newFile();
    writeFileSync(file, formatEnvelope({ payloadType: PACK_TYPE, payload, signatures }, reviewCrypto));
    return file;
  }
}
