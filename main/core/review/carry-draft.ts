import { canonicalJson } from '../plan.ts';
import type { PackPatch, ReviewPack } from './review-pack.ts';

/**
 * Which rows of a draft are still about the same thing on a list that takes the place of another: the same package file, on the same
 * endpoints, from the same versions, under the same policies and terms. A draft counts for nothing until it is signed, so nothing is
 * granted by carrying it over.
 */
export function carryDraft<R extends { readonly patch: string }>(
  draft: readonly R[],
  before: ReviewPack,
  after: ReviewPack,
): { readonly carried: R[]; readonly left: R[] } {
  const was = aboutOf(before);
  const is = aboutOf(after);
  const stays = ({ patch }: R): boolean => {
    const about = was(patch);
    return about !== null && about === is(patch);
  };
  return { carried: draft.filter(stays), left: draft.filter((row) => !stays(row)) };
}

/** What a verdict on a patch of a pack is about; `null`: the pack has no such patch. */
function aboutOf(pack: ReviewPack): (sha256: string) => string | null {
  const patches = new Map(pack.patches.map((patch) => [patch.sha256, patch]));
  const policies = new Map(pack.groups.map(({ name, policySha256 }) => [name, policySha256]));
  const terms = new Map(
    pack.endpoints.map(({ id, group, snapshotMode, restoreOnFailure, rebootPolicy }) => [
      id,
      { group, policy: policies.get(group) ?? null, snapshotMode, restoreOnFailure, rebootPolicy },
    ]),
  );
  const say = ({ package: name, arch, version, standing, endpoints }: PackPatch): string =>
    canonicalJson({
      ...{ customer: pack.customer, name, arch, version, standing },
      endpoints: endpoints
        .map(({ id, from }) => ({ id, from, terms: terms.get(id) ?? null }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    });
  return (sha256) => {
    const patch = patches.get(sha256);
    return patch === undefined ? null : say(patch);
  };
}
