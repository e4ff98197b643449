import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import { formatDecision } from '../../../../../main/core/review/decision-file.ts';
import {
  judgeDecision,
  type DecisionInput,
  type ReviewSite,
} from '../../../../../main/core/review/judge-decision.ts';
import { SSH_NAMESPACE } from '../../../../../main/core/review/sshsig.ts';
import { reviewCrypto } from '../../../../../main/review/node-crypto.ts';
import { decisionOf, makeKey, siteWith } from '../../../../support/review-site.ts';

const key = makeKey();

function judge(input: DecisionInput, site: ReviewSite): string {
  try {
    judgeDecision(input, site, reviewCrypto);
    return 'accepted';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

const SSH_KEYGEN = '/usr/bin/ssh-keygen';
describe('a decision signed by ssh-keygen', () => {
  const run = existsSync(SSH_KEYGEN) ? it : it.skip;
  const skipped = existsSync(SSH_KEYGEN) ? '' : ' [skipped: there is no ssh-keygen here]';

  run(`is taken like one of our own, and for nothing else${skipped}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-sshsig-'));
    try {
      const ssh = (...args: string[]): void =>
        void execFileSync(SSH_KEYGEN, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      ssh('-q', '-t', 'ed25519', '-N', '', '-f', 'key');
      const blob = Buffer.from(readFileSync(join(folder, 'key.pub'), 'utf8').split(' ')[1] ?? '', 'base64');
      const owner = { ...key, publicKey: blob.subarray(-32).toString('hex') };
      const payload = formatDecision(decisionOf());
      const input = (signature: Uint8Array, bytes = Buffer.from(payload)): DecisionInput => ({
        ...{ kind: 'ssh', file: 'decision.json', signatureFile: 'decision.json.sig' },
        ...{ bytes, signature },
      });
      const signWith = (namespace: string, ...more: string[]): Uint8Array => {
        writeFileSync(join(folder, 'decision.json'), payload);
        rmSync(join(folder, 'decision.json.sig'), { force: true });
        ssh('-q', '-Y', 'sign', '-n', namespace, '-f', 'key', ...more, 'decision.json');
        return readFileSync(join(folder, 'decision.json.sig'));
      };
      const good = signWith(SSH_NAMESPACE);
      expect(judge(input(good), siteWith(owner))).toBe('accepted');
      expect(judge(input(signWith(SSH_NAMESPACE, '-O', 'hashalg=sha256')), siteWith(owner))).toBe('accepted');
      expect(judge(input(good, Buffer.from(`${payload} `)), siteWith(owner))).toBe('REVIEW_SIGNATURE_BAD');
      expect(judge(input(good), siteWith(key))).toBe('REVIEW_KEY_NOT_ENROLLED');
      expect(judge(input(signWith('file')), siteWith(owner))).toBe('REVIEW_SIGNATURE_FOR_OTHER_USE');
      expect(judge(input(Buffer.from('scrawl')), siteWith(owner))).toBe('REVIEW_FILE_UNREADABLE');
      for (const at of [40, 60, 100, 200]) {
        const broken = Buffer.from(good);
        broken[at] = broken[at] === 0x41 ? 0x42 : 0x41;
        expect(judge(input(broken), siteWith(owner))).not.toBe('accepted');
      }
      ssh('-q', '-t', 'ecdsa', '-N', '', '-f', 'other');
      rmSync(join(folder, 'decision.json.sig'));
      ssh('-q', '-Y', 'sign', '-n', SSH_NAMESPACE, '-f', 'other', 'decision.json');
      expect(judge(input(readFileSync(join(folder, 'decision.json.sig'))), siteWith(owner))).toBe(
        'REVIEW_SIGNATURE_UNSUPPORTED',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
