import type { ImportProgress } from '../bundle/import-bundle.ts';
import type { OperationProgress } from './operations.ts';

/** The chain of trust, link by link, in the order in which an import checks it. */
export const IMPORT_STEPS = ['keys', 'metadata', 'hashes', 'malware', 'vendor', 'switch'] as const;

const PHASES: Readonly<
  Record<
    ImportProgress['phase'],
    { readonly step: (typeof IMPORT_STEPS)[number]; readonly activity: string; readonly unit?: 'bytes' }
  >
> = {
  keys: { step: 'keys', activity: 'Following the root keys' },
  metadata: { step: 'metadata', activity: 'Checking the signed metadata' },
  copying: { step: 'hashes', activity: 'Checking and copying the content', unit: 'bytes' },
  scanning: { step: 'malware', activity: 'Looking for malware' },
  reading: { step: 'vendor', activity: 'Reading the vendor’s indexes' },
  committing: { step: 'switch', activity: 'Switching the catalogue' },
};

/** What an import says of itself, as progress of its operation. */
export function importProgress({ phase, done, total, figure, skipped }: ImportProgress): OperationProgress {
  const { step, activity, unit } = PHASES[phase];
  return {
    activity,
    step,
    done,
    total,
    unit: unit ?? 'items',
    ...(figure === undefined ? {} : { figure }),
    ...(skipped === undefined ? {} : { skipped }),
  };
}
