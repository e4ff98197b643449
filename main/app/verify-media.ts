import type { InputOf } from '../../contract/channels.ts';
import { verifyBundle } from '../bundle/verify-bundle.ts';
import type { CallContext } from './services.ts';

/** Checks media whole, as an operation. Nothing changes but the audit trail, which says who checked what and what came of it. */
export function beginVerify(context: CallContext, input: InputOf<'bundles.verify'>): string {
  const { services } = context;
  const { folders, threads } = input;
  return services.operations.begin(
    'verify',
    `Check ${folders.length === 1 ? `the medium in ${folders[0] ?? ''}` : `${folders.length} media`}`,
    async (report, signal) => {
      const result = await verifyBundle({
        mediaDirs: folders,
        trust: services.imports.loadTrust(),
        now: services.now(),
        signal,
        ...(threads === undefined ? {} : { threads }),
        onProgress: (done, total) =>
          report({ activity: 'Checking the content', step: 'hashes', done, total, unit: 'bytes' }),
      });
      const subject = {
        media: folders.join(', '),
        bundles: [...new Set(result.media.map(({ bundle }) => nameOf(bundle)))].join(', '),
        outcome: result.isGood
          ? 'good'
          : `${result.media.reduce((sum, { found }) => sum + found, 0)} findings`,
      };
      context.commit(subject, () => undefined);
      return { ...result };
    },
    ['hashes'],
  );
}

const nameOf = (bundle: { readonly stream: string; readonly seq: number } | null): string =>
  bundle === null ? 'not known' : `${bundle.stream}/${bundle.seq}`;
