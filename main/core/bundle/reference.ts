import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';
import type { Envelope, RoleName } from './metadata.ts';

/** What a medium's signed metadata says of the one bundle on it, where it is narrower than TUF. */

/** The one bundle that a medium's targets name. */
export interface BundleReference {
  readonly stream: string;
  readonly seq: number;
  readonly base: number;
  readonly createdAt: string;
  /** `bundles/<stream>/<seq>/manifest.tsv` */
  readonly manifestPath: string;
  readonly manifestSha256: string;
  readonly manifestSize: number;
}

/** Narrower than TUF (section 2.1 of the format): one file is named, and by length and hash too. */
export function refuseOtherNames(
  { file }: Envelope<RoleName>,
  meta: Readonly<Record<string, unknown>>,
  only: string,
): void {
  const named = meta[only] as { readonly length?: number; readonly hashes?: { readonly sha256?: string } };
  const isOnly = Object.keys(meta).length === 1;
  if (isOnly && named.length !== undefined && named.hashes?.sha256 !== undefined) return;
  throw new BundleError(
    'BUNDLE_METADATA_INVALID',
    `${file} must name ${only} alone, by length and SHA-256.`,
    {
      hint: 'The bundle was written by something else. Ask for a new one.',
      subject: { file },
    },
  );
}

const customSchema = z.looseObject({
  stream: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  seq: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  base: z.number().int().nonnegative(),
  created: z.iso.datetime(),
});

/** @throws BundleError BUNDLE_METADATA_INVALID */
export function theOneBundle({ signed }: Envelope<'targets'>): BundleReference {
  const entries = Object.entries(signed.targets);
  const [path, target] = entries[0] ?? [];
  const invalid = (why: string): BundleError =>
    new BundleError('BUNDLE_METADATA_INVALID', `metadata/targets.json ${why}.`, {
      subject: { file: 'metadata/targets.json' },
      hint: 'Ask for a medium that carries one bundle.',
    });
  // Delegations are not part of this format: metadata that has them is refused, not half understood.
  if (signed.delegations !== undefined) throw invalid('delegates, which this format does not have');
  if (entries.length !== 1 || path === undefined || target === undefined) {
    throw invalid(`names ${entries.length} bundles; this version reads media with exactly one`);
  }
  const custom = customSchema.safeParse(target.custom);
  const manifestSha256 = target.hashes.sha256;
  if (!custom.success || manifestSha256 === undefined || target.length < 1) {
    throw invalid('does not say which bundle it names');
  }
  const { stream, seq, base, created } = custom.data;
  if (path !== manifestPathOf(stream, seq))
    throw invalid('names a manifest at a place that is not its bundle’s');
  return {
    stream,
    seq,
    base,
    createdAt: created,
    manifestPath: path,
    manifestSha256,
    manifestSize: target.length,
  };
}

export const manifestPathOf = (stream: string, seq: number): string =>
  `bundles/${stream}/${seq}/manifest.tsv`;
