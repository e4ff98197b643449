import { DEFAULT_POLICY } from './policy.ts';
import type { PackHead } from './review-pack.ts';

/** How many different persons have to approve before a pack is settled: as the pack says, or the policies in it, whichever asks for more. */
export function approversWanted(pack: Pick<PackHead, 'approvers' | 'groups'>): number {
  const byPolicy = pack.groups.map(({ policy }) => policy?.approvers ?? DEFAULT_POLICY.approvers);
  return Math.max(1, pack.approvers, ...byPolicy);
}
