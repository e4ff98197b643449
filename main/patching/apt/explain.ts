import { PatchDriverError, type ErrorCode } from '../../../contract/errors.ts';
import type { FailureExplanation, InstallStatus } from '../patch-driver.ts';
import { RUN_EXIT } from './scripts/install.ts';

/*
 * What apt, dpkg, gpgv and sqv say when something is wrong, in their own words (LC_ALL=C). Each expression was read off a
 * real transcript, see test/fixtures/transcripts/apt.
 */
const NO_SPACE = /No space left on device|You don't have enough free space in|Disk quota exceeded/;
const LOCKED =
  /Could not get lock |Unable to acquire the dpkg frontend lock|Unable to lock (?:directory|the administration)|dpkg frontend lock was locked by another process/;
const KEY_EXPIRED = /EXPKEYSIG|KEYEXPIRED|key .* expired|[Ee]xpired on /;
const SIGNATURE =
  /BADSIG|NO_PUBKEY|NODATA|NOSPLIT|is not signed|couldn't be verified|GPG error|OpenPGP signature verification failed|cannot be authenticated|REVKEYSIG|Clearsigned file isn't valid|No Hash entry in Release file|weak security information/;
const NOT_YET = /is not valid yet/;
const TOO_OLD = /Release file for .* is expired/;
const BYTES =
  /Hash Sum mismatch|has unexpected size|File not found|Unable to fetch some archives|Failed to fetch/;
const HELD = /Held packages were changed/;

/** The last lines of a tool's output, for the end of a message. */
function tailOf(text: string, lines = 6): string {
  const kept = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines);
  return kept.length === 0 ? '' : `\n${kept.join('\n')}`;
}

/** Why `apt-get update` over the staged repositories failed. */
export function explainUpdate(output: string): PatchDriverError {
  const tail = tailOf(output);
  const hit = (expression: RegExp): boolean => expression.test(output);
  if (hit(NO_SPACE))
    return failure('PATCHING_DISK_FULL', 'No room on the endpoint for the package lists.', tail);
  if (hit(NOT_YET)) {
    return failure(
      'PATCHING_CLOCK_WRONG',
      "The vendor's release file is from the future by the endpoint's clock. Set the endpoint's clock.",
      tail,
    );
  }
  if (hit(TOO_OLD)) {
    return failure(
      'PATCHING_CLOCK_WRONG',
      "The vendor's release file is more than a year old by the endpoint's clock. Set the clock, or bring a newer bundle.",
      tail,
    );
  }
  if (hit(KEY_EXPIRED)) {
    return failure(
      'PATCHING_VENDOR_SIGNATURE_BAD',
      "The vendor's key in the endpoint's keyring has expired. If the endpoint's clock is right, its keyring must be renewed.",
      tail,
    );
  }
  if (hit(SIGNATURE)) {
    return failure(
      'PATCHING_VENDOR_SIGNATURE_BAD',
      "The endpoint does not accept the vendor's signature over the staged repository. Nothing was installed.",
      tail,
    );
  }
  return failure(
    'PATCHING_CONTENT_MISMATCH',
    'The endpoint cannot read the staged repository: it is not whole. Import the bundle again.',
    tail,
  );
}

/** Why the simulation of the install failed. */
export function explainSimulation(output: string): PatchDriverError {
  const tail = tailOf(output);
  if (HELD.test(output)) {
    return failure(
      'PATCHING_PACKAGE_HELD',
      'A package of the transaction is on hold on the endpoint. Release the hold there, or leave the package out.',
      tail,
    );
  }
  return failure(
    'PATCHING_TRANSACTION_DIFFERS',
    'The package manager refuses the transaction. Nothing was installed.',
    tail,
  );
}

function failure(code: ErrorCode, message: string, tail: string): PatchDriverError {
  return new PatchDriverError(code, `${message}${tail}`);
}

/** The package that dpkg stumbled over, where it names one. */
function brokenPackage(log: string): string | undefined {
  return /^dpkg: error processing (?:package|archive) (\S+)/m.exec(log)?.[1]?.replace(/^.*\//, '');
}

export function explainInstall(status: InstallStatus): FailureExplanation {
  switch (status.kind) {
    case 'absent':
      return { code: 'PATCHING_INSTALL_FAILED', message: 'No install was started under this stage.' };
    case 'running':
      return { code: 'PATCHING_INSTALL_FAILED', message: 'The install has not ended yet.' };
    case 'vanished':
      return {
        code: 'PATCHING_INSTALL_FAILED',
        message: `The install is gone and left no exit status: it was killed, or the endpoint went down.${tailOf(status.logTail)}`,
      };
    case 'finished':
      return explainFinished(status.exitCode, status.logTail);
  }
}

function explainFinished(exitCode: number, log: string): FailureExplanation {
  const tail = tailOf(log);
  if (exitCode === RUN_EXIT.contentChanged) {
    return {
      code: 'PATCHING_CONTENT_MISMATCH',
      message: `The staged files changed on the endpoint after they were checked. Nothing was installed.${tail}`,
    };
  }
  if (exitCode === RUN_EXIT.transactionDiffers) {
    return {
      code: 'PATCHING_TRANSACTION_DIFFERS',
      message: `The endpoint changed after staging: the transaction would be another one. Nothing was installed.${tail}`,
    };
  }
  if (NO_SPACE.test(log)) {
    return {
      code: 'PATCHING_DISK_FULL',
      message: `The endpoint's disk filled up during the install.${tail}`,
    };
  }
  if (LOCKED.test(log)) {
    return {
      code: 'PATCHING_LOCK_HELD',
      message: `Another program held the package manager's lock until our patience ended. Nothing was installed.${tail}`,
    };
  }
  if (SIGNATURE.test(log)) {
    return {
      code: 'PATCHING_VENDOR_SIGNATURE_BAD',
      message: `The package manager could not verify what was staged.${tail}`,
    };
  }
  if (BYTES.test(log)) {
    return {
      code: 'PATCHING_CONTENT_MISMATCH',
      message: `A staged package is not the one that the vendor's index names. Nothing was installed.${tail}`,
    };
  }
  const broken = brokenPackage(log);
  return {
    code: 'PATCHING_INSTALL_FAILED',
    message: `The package manager ended with ${String(exitCode)}${broken === undefined ? '' : ` at ${broken}`}.${tail}`,
  };
}
