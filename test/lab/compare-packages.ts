/** One package of a plan: what it is to be changed from and to. */
export interface PlannedPackage {
  readonly name: string;
  readonly arch: string;
  readonly from: string | null;
  readonly to: string;
}

/**
 * What changed on a disk beside what was planned for it.
 *
 * @param before versions by `name:arch`, and `after` likewise
 * @returns packages that changed, and in words each change that was not planned or planned change that is not there
 */
export function comparePackages(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  planned: readonly PlannedPackage[],
): { readonly changed: readonly string[]; readonly differences: readonly string[] } {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => before.get(key) !== after.get(key),
  );
  const wanted = new Map(planned.map((item) => [`${item.name}:${item.arch}`, item]));
  const beyond = changed
    .filter(
      (key) =>
        wanted.get(key)?.to !== after.get(key) || (wanted.get(key)?.from ?? undefined) !== before.get(key),
    )
    .map((key) => `${key}: ${before.get(key) ?? 'absent'} to ${after.get(key) ?? 'absent'}`);
  const notReached = [...wanted.keys()]
    .filter((key) => !changed.includes(key))
    .map((key) => `${key} did not change`);
  return { changed, differences: [...beyond, ...notReached] };
}
