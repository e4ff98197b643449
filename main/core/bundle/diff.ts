/** What a bundle carries, for comparing two. */
export interface BundleContent {
  /** 0: stands alone. Else it leaves out what the site has, and says nothing by that. */
  readonly base: number;
  readonly patches: readonly DiffPatch[];
  readonly advisories: readonly DiffAdvisory[];
}

export interface DiffPatch {
  readonly id: number;
  readonly package: string;
  readonly arch: string;
  readonly version: string;
  readonly codename: string;
  /** Bytes. */
  readonly size: number;
}

export interface DiffAdvisory {
  readonly id: string;
  readonly advisory: string | null;
  readonly title: string;
  readonly severity: string;
  readonly cves: readonly string[];
}

export interface BundleDiff {
  readonly added: readonly DiffPatch[];
  readonly changed: readonly { readonly from: DiffPatch; readonly to: DiffPatch }[];
  /** Empty where the second bundle leaves out what the site has: it does not say that anything is gone. */
  readonly gone: readonly DiffPatch[];
  readonly advisories: readonly DiffAdvisory[];
  /** Named by an advisory of the second bundle and by none of the first. */
  readonly cves: readonly string[];
}

/** What the second bundle brings beside the first. */
export function diffBundles(first: BundleContent, second: BundleContent): BundleDiff {
  const before = groupByPackage(first.patches);
  const after = groupByPackage(second.patches);
  const hadIds = new Set(first.patches.map((patch) => patch.id));
  const hasIds = new Set(second.patches.map((patch) => patch.id));
  const added: DiffPatch[] = [];
  const changed: { from: DiffPatch; to: DiffPatch }[] = [];
  for (const [key, patches] of after) {
    const lost = (before.get(key) ?? []).filter((patch) => !hasIds.has(patch.id));
    for (const patch of patches) {
      if (hadIds.has(patch.id)) continue;
      const from = lost.shift();
      if (from === undefined) added.push(patch);
      else changed.push({ from, to: patch });
    }
  }
  const replaced = new Set(changed.map(({ from }) => from.id));
  const gone =
    second.base > 0 ? [] : first.patches.filter((patch) => !hasIds.has(patch.id) && !replaced.has(patch.id));
  const known = new Set(first.advisories.map((advisory) => advisory.id));
  const knownCves = new Set(first.advisories.flatMap((advisory) => advisory.cves));
  return {
    added,
    changed,
    gone,
    advisories: second.advisories.filter((advisory) => !known.has(advisory.id)),
    cves: [...new Set(second.advisories.flatMap((advisory) => advisory.cves))]
      .filter((cve) => !knownCves.has(cve))
      .sort(),
  };
}

function groupByPackage(patches: readonly DiffPatch[]): Map<string, DiffPatch[]> {
  const groups = new Map<string, DiffPatch[]>();
  for (const patch of patches) {
    const key = `${patch.package} ${patch.arch} ${patch.codename}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [patch]);
    else group.push(patch);
  }
  return groups;
}
