import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../../../contract/errors.ts';
import {
  EXIT,
  exitCodeOfFailure,
  exitCodeOfParts,
  exitCodeOfRun,
  type ExitCode,
} from '../../../../main/cli/exit-codes.ts';

describe('exitCodeOfFailure', () => {
  it('never says that a failure is success, nor that it is partial success', () => {
    const wrong = ERROR_CODES.filter((code) =>
      ([EXIT.ok, EXIT.partial] as ExitCode[]).includes(exitCodeOfFailure(code)),
    );
    expect(wrong).toEqual([]);
  });

  it.each<[ErrorCode, ExitCode]>([
    ['CONTRACT_INPUT_INVALID', 2],
    ['CONTRACT_NOT_SIGNED_IN', 2],
    ['CONTRACT_NOT_FOUND', 1],
    ['CONTRACT_FORBIDDEN', 10],
    ['POLICY_SAME_PERSON', 10],
    ['POLICY_SNAPSHOT_REQUIRED', 10],
    ['ENGINE_BUSY', 11],
    ['VAULT_PASSPHRASE_WRONG', 11],
    ['BUNDLE_HASH_MISMATCH', 12],
    ['BUNDLE_SIGNATURE_UNTRUSTED', 12],
    ['BUNDLE_ROLLBACK', 12],
    ['BUNDLE_ROOT_FINGERPRINT_MISMATCH', 12],
    ['BUNDLE_NOT_FOUND', 1],
    ['BUNDLE_ALREADY_IMPORTED', 1],
    ['TRANSPORT_HOST_KEY_MISMATCH', 12],
    ['TRANSPORT_HOST_KEY_UNPINNED', 1],
    ['COLLECT_RELEASE_UNVERIFIED', 12],
    ['RUN_NEEDS_ATTENTION', 20],
    ['HYPERVISOR_RESTORE_UNPROVEN', 20],
    ['CONTRACT_CANCELLED', 130],
    ['RUN_CANCELLED', 130],
    ['INTERNAL', 1],
  ])('%s ends with %i', (code, exit) => expect(exitCodeOfFailure(code)).toBe(exit));
});

describe('exitCodeOfRun', () => {
  it.each<[string, Parameters<typeof exitCodeOfRun>, ExitCode]>([
    ['all succeeded', [{ succeeded: 3 }, false], 0],
    ['one of each of the demo', [{ succeeded: 1, restored: 1, refused: 1 }, false], 3],
    ['some skipped', [{ succeeded: 2, skipped: 1 }, false], 3],
    ['all restored', [{ restored: 2 }, false], 1],
    ['all refused', [{ refused: 2 }, false], 10],
    ['refused and failed', [{ refused: 1, failed: 1 }, false], 1],
    ['one needs attention', [{ succeeded: 9, 'needs-attention': 1 }, false], 20],
    ['one unproven', [{ succeeded: 9, unproven: 1 }, false], 20],
    ['cancelled before all began', [{ succeeded: 1, skipped: 2 }, true], 130],
    ['cancelled, and one was restored', [{ succeeded: 1, skipped: 1, restored: 1 }, true], 3],
    ['cancelled too late to matter', [{ succeeded: 3 }, true], 0],
    ['some still waiting', [{ succeeded: 1, waiting: 1 }, false], 3],
    ['no endpoint at all', [{}, false], 1],
  ])('%s', (_case, [outcomes, cancelRequested], exit) => {
    expect(exitCodeOfRun(outcomes, cancelRequested)).toBe(exit);
  });
});

describe('exitCodeOfParts', () => {
  it('is partial only when something was done and something failed', () => {
    const codes = [
      exitCodeOfParts({ done: 2, failed: 0 }),
      exitCodeOfParts({ done: 2, failed: 1 }),
      exitCodeOfParts({ done: 0, failed: 1 }),
    ];
    expect(codes).toEqual([0, 3, 1]);
  });
});
