import type { PackPatch } from './review-pack.ts';

/**
 * What the customer said before, and what neither silence nor a standing approval speaks against. A deferral holds the package back, in
 * whatever version, until its day, whatever was said since; a no or a question holds back the version it was about until a person says
 * otherwise.
 *
 * @param at ISO-8601
 */
export function heldBack(
  patch: Pick<PackPatch, 'version' | 'deferral' | 'previous'>,
  at: string,
): 'deferred' | 'rejected' | 'asked' | null {
  const { deferral, previous } = patch;
  if (deferral !== null && Date.parse(at) < Date.parse(deferral.until)) return 'deferred';
  if (previous?.version !== patch.version) return null;
  return previous.verdict === 'reject' ? 'rejected' : previous.verdict === 'ask' ? 'asked' : null;
}
