import { BundleError } from '../../../contract/errors.ts';
import type { BundleReference } from './reference.ts';
import type { StreamMark } from './trust.ts';

/** Judges a bundle against the last one of its stream that the site has, if any. @throws BundleError */
export type JudgePlace = (bundle: BundleReference, known: StreamMark | undefined) => void;

/**
 * Step 6: the bundle must come behind the last of its stream, and its base must be there.
 *
 * @throws BundleError BUNDLE_ALREADY_IMPORTED, BUNDLE_ROLLBACK, BUNDLE_FILE_MISSING when its base is not there
 */
export const refusePlace: JudgePlace = (bundle, known) => {
  const subject = { file: bundle.manifestPath };
  if (known !== undefined) {
    if (bundle.seq === known.seq && bundle.manifestSha256 === known.manifestSha256) {
      throw new BundleError(
        'BUNDLE_ALREADY_IMPORTED',
        `Bundle ${bundle.stream}/${bundle.seq} is already imported.`,
        { subject },
      );
    }
    if (bundle.seq <= known.seq) {
      throw new BundleError(
        'BUNDLE_ROLLBACK',
        `${bundle.manifestPath} is bundle ${bundle.seq}, but this site already has ${known.seq}.`,
        { hint: 'It is an older medium. Use the newest one.', subject },
      );
    }
  }
  if (bundle.base > (known?.seq ?? 0)) {
    throw new BundleError(
      'BUNDLE_FILE_MISSING',
      `${bundle.manifestPath} builds on bundle ${bundle.base}, which this site has not imported.`,
      {
        hint: `Import bundle ${bundle.base} first, or ask for a bundle that stands alone.`,
        subject,
      },
    );
  }
};
