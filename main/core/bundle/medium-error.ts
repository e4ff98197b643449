import { BundleError } from '../../../contract/errors.ts';

/** What systems say when a medium is no longer there, or no longer answers. */
const LOST = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ENOMEDIUM', 'ESTALE', 'EREMOTEIO']);

/** A medium that was there a moment ago and is not any more: pulled out, or failing. */
export function mediumLost(file: string, cause: unknown): BundleError {
  return new BundleError('BUNDLE_MEDIUM_LOST', `The medium was lost while ${file} was read.`, {
    hint: 'Insert it again, or another copy of it, and import again: what was copied is kept. If nobody pulled it out, it is failing.',
    retry: 'same',
    subject: { file },
    cause,
  });
}

/**
 * What a failed read of a medium means: the medium is gone, or just this file of it can't be read.
 *
 * @param code of the system: `EIO`
 */
export function mediumError(code: string, file: string, cause: unknown): BundleError {
  if (LOST.has(code)) return mediumLost(file, cause);
  return new BundleError('BUNDLE_UNREADABLE', `${file} could not be read from the medium (${code}).`, {
    hint: 'Try again, or copy the bundle to another medium: what was copied is kept.',
    retry: 'same',
    subject: { file },
    cause,
  });
}
