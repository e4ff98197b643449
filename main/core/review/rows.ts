import type { Severity } from '../advisory.ts';
import { isTimed } from '../clocks.ts';
import { approversWanted } from './approvers.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { PackHead, PackPatch } from './review-pack.ts';

/** The head and the rows of a pack as lists show them (shapes: contract/reviews.ts). Pure; the same in every workspace and in the page. */

export function headOf(pack: PackHead, sha256: string) {
  return {
    ...{
      packId: pack.packId,
      sha256,
      siteName: pack.siteName,
      marking: pack.marking,
      customer: pack.customer,
    },
    ...{ createdAt: pack.createdAt, createdBy: pack.createdBy, cutOffAt: pack.cutOffAt },
    ...{ approvers: approversWanted(pack), planDigest: pack.planDigest, singleOperator: pack.singleOperator },
    groups: pack.groups.map(({ name, policy }) => ({
      name,
      mode: policy?.mode ?? ('default' as const),
      approvers: policy?.approvers ?? DEFAULT_POLICY.approvers,
      endpoints: pack.endpoints.filter((endpoint) => endpoint.group === name).length,
      exclusions: policy?.exclusions.length ?? 0,
      standing: policy?.standing.length ?? 0,
    })),
    diff:
      pack.diff === null
        ? null
        : {
            ...{
              sinceAt: pack.diff.sinceAt,
              new: pack.diff.new,
              newer: pack.diff.newer,
              again: pack.diff.again,
            },
            gone: pack.diff.gone.map((item) => ({ ...item })),
          },
    evidence: pack.evidence.map((item) => ({ ...item })),
  };
}

/** @param patches all of the pack's, or some */
export function rowsOf(pack: PackHead, patches: readonly PackPatch[]) {
  const groupOf = new Map(pack.endpoints.map(({ id, group }) => [id, group]));
  return patches.map((patch) => rowOf(patch, groupOf));
}

function rowOf(patch: PackPatch, groupOf: ReadonlyMap<string, string>) {
  const { sha256, endpoints, ...facts } = patch;
  const groups = new Set<string>();
  for (const { id } of endpoints) {
    const group = groupOf.get(id);
    if (group !== undefined) groups.add(group);
  }
  return {
    ...facts,
    patch: sha256,
    timed: facts.dueAt !== null || isTimed({ ...facts, severity: facts.severity as Severity }),
    cves: [...facts.cves],
    advisories: [...facts.advisories],
    pullsIn: facts.pullsIn === null ? null : [...facts.pullsIn],
    answers: facts.answers.map((item) => ({ ...item })),
    endpoints: endpoints.length,
    groups: [...groups].toSorted(),
  };
}

/** @returns `null` when the pack has no such patch */
export function detailOf(pack: PackHead, patch: PackPatch | undefined) {
  if (patch === undefined) return null;
  const terms = new Map(pack.endpoints.map((item) => [item.id, item]));
  return {
    patch: patch.sha256,
    endpoints: patch.endpoints.map(({ id, name, from }) => ({
      ...{ name, from, group: terms.get(id)?.group ?? '' },
      snapshotMode: terms.get(id)?.snapshotMode ?? '',
      rebootPolicy: terms.get(id)?.rebootPolicy ?? '',
    })),
  };
}
