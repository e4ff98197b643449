import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import { nodeCrypto } from '../../../../../main/bundle/node-crypto.ts';
import { requireReason } from '../../../../../main/core/bundle/reason.ts';
import { DEFAULT_STALENESS, initialTrust, type TrustState } from '../../../../../main/core/bundle/trust.ts';
import { followRoots, verifyMetadata } from '../../../../../main/core/bundle/verify.ts';
import { formatVector, type Step, type Vector } from '../../../../vectors/tuf/vector.ts';
import { VECTORS } from '../../../../vectors/tuf/vectors.ts';

const DIR = join(import.meta.dirname, '../../../../vectors/tuf');
const committed = readdirSync(DIR).filter((name) => name.endsWith('.json'));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One medium as a site meets it, up to the manifest. */
function judge(
  trust: TrustState,
  { files, now, reason }: Step,
): { trust: TrustState; result: Step['expect'] } {
  const roots = new Map<number, Uint8Array>();
  for (const [path, content] of Object.entries(files)) {
    const version = /^metadata\/(\d+)\.root\.json$/.exec(path)?.[1];
    if (version !== undefined) roots.set(Number(version), bytesOf(content));
  }
  const read = (role: string): Uint8Array => bytesOf(files[`metadata/${role}.json`] ?? '');
  let moved = trust;
  try {
    moved = { ...trust, roots: [...trust.roots, ...followRoots(trust, roots, nodeCrypto)] };
    const metadata = {
      roots,
      timestamp: read('timestamp'),
      snapshot: read('snapshot'),
      targets: read('targets'),
    };
    const verified = verifyMetadata(moved, metadata, now, DEFAULT_STALENESS, nodeCrypto);
    requireReason(verified, now, reason);
    return { trust: verified.nextTrust, result: 'accepted' };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { trust: moved, result: error.code };
  }
}

describe('the test vectors', () => {
  it('are those that the script writes, all of them', () => {
    expect(committed.sort()).toEqual(VECTORS.map(({ name }) => `${name}.json`).sort());
    for (const vector of VECTORS) {
      expect(readFileSync(join(DIR, `${vector.name}.json`), 'utf8'), vector.name).toBe(formatVector(vector));
    }
  });

  it.each(committed)('%s', (name) => {
    const vector = JSON.parse(readFileSync(join(DIR, name), 'utf8')) as Vector;
    let trust = initialTrust({ version: 1, bytes: bytesOf(vector.pinned) });
    const results = vector.steps.map((each) => {
      const judged = judge(trust, each);
      trust = judged.trust;
      return { expect: judged.result, root: trust.roots.at(-1)?.version };
    });
    expect(results).toEqual(vector.steps.map((each) => ({ expect: each.expect, root: each.root })));
  });
});
