import { BundleError } from '../../../contract/errors.ts';
import type { BundleReference } from './reference.ts';
import type { Freshness } from './trust.ts';

/**
 * Step 9: refuses what only a stated reason may let in: a bundle that is too old, metadata that has lapsed, a clock that
 * signed times contradict.
 *
 * @param reason what a person states and what is recorded, if they do
 * @throws BundleError BUNDLE_CLOCK_WRONG, BUNDLE_EXPIRED
 */
export function requireReason(
  verified: { readonly freshness: Freshness; readonly bundle: BundleReference },
  now: string,
  reason: string | undefined,
): void {
  const { freshness, bundle } = verified;
  if ((reason ?? '').trim() !== '') return;
  if (freshness.clock === 'behind') {
    throw new BundleError(
      'BUNDLE_CLOCK_WRONG',
      `This machine's clock shows ${now}, but a bundle that this site accepted was signed at ${freshness.referenceTime}.`,
      {
        hint: 'Set the clock right. If it is right, import with a reason, which is recorded.',
        subject: { file: 'metadata/targets.json' },
      },
    );
  }
  if (freshness.clock === 'ahead') throw clockDoubted(freshness, bundle, now);
  if (freshness.level !== 'expired') return;
  throw new BundleError(
    'BUNDLE_EXPIRED',
    `Bundle ${bundle.stream}/${bundle.seq} is ${freshness.ageDays} days old, more than may pass without a stated reason.`,
    {
      hint: 'Ask for a newer bundle, or import this one with a reason, which is recorded.',
      subject: { file: 'metadata/timestamp.json' },
    },
  );
}

/** Whether {@link requireReason} asks for one. */
export const needsReason = ({ level, clock }: Freshness): boolean => level === 'expired' || clock !== 'right';

/** What a person reads when the clock can't be right, or the bundle is older than any in use. */
export function clockDoubted(freshness: Freshness, bundle: BundleReference, now: string): BundleError {
  return new BundleError(
    'BUNDLE_CLOCK_WRONG',
    `By this machine's clock (${now}) bundle ${bundle.stream}/${bundle.seq} is ${freshness.ageDays} days old: the clock is ahead, or the medium lay about for long.`,
    {
      hint: 'Compare the clock with a watch and set it right. Nothing was accepted from it. If it is right, ask for a new bundle.',
      subject: { file: 'metadata/targets.json' },
    },
  );
}
