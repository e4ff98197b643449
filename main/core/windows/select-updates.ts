import type { NeededWindows } from '../needs-list.ts';
import { assessWindows } from './applicability.ts';
import type { WindowsUpdate } from './update-list.ts';

export interface SelectedUpdates {
  readonly updates: readonly WindowsUpdate[];
  /** Files that platforms need and the bundle brings. */
  readonly needed: number;
  /** What platforms need and no file at hand is of. */
  readonly unmet: readonly string[];
}

/**
 * Keeps of a list what sites need to know: all of it when no platform is named, else the updates for the platforms'
 * products and architectures, and those that a file is carried of.
 */
export function selectUpdates(
  updates: readonly WindowsUpdate[],
  platforms: readonly NeededWindows[],
): SelectedUpdates {
  if (platforms.length === 0) return { updates, needed: 0, unmet: [] };
  const products = new Set(platforms.flatMap((platform) => platform.products));
  const architectures = new Set<string>(['all', ...platforms.map((platform) => platform.architecture)]);
  const isCarried = (update: WindowsUpdate): boolean => update.files.some((file) => file.path !== null);
  const kept = updates.filter(
    (update) =>
      isCarried(update) ||
      (architectures.has(update.arch) && update.products.some((product) => products.has(product))),
  );
  const byId = new Map(kept.map((update) => [update.id, update]));
  const needed = new Set<string>();
  const unmet = new Set<string>();
  for (const platform of platforms) {
    const { needed: own } = assessWindows(
      {
        build: platform.build,
        arch: platform.architecture,
        products: platform.products,
        installedKbs: new Set(platform.installed),
      },
      kept,
    );
    for (const { id } of own) {
      const update = byId.get(id);
      if (update === undefined) continue;
      if (isCarried(update)) needed.add(id);
      else
        unmet.add(
          `Windows ${platform.build} ${platform.architecture} needs ${update.kb ?? id}${update.title === '' ? '' : `, ${update.title}`}: no file of it is at hand`.slice(
            0,
            2_000,
          ),
        );
    }
  }
  const ids = new Set(kept.map((update) => update.id));
  return {
    // What the list leaves out is nothing that it may refer to.
    updates: kept.map((update) => ({
      ...update,
      supersededBy: update.supersededBy.filter((id) => ids.has(id)),
      prerequisites: update.prerequisites,
    })),
    needed: needed.size,
    unmet: [...unmet].sort(),
  };
}
