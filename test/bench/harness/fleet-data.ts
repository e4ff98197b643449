import type { PackageRecord } from '../../../main/core/apt/packages-index.ts';
import type { Inventory } from '../../../main/core/inventory.ts';
import { inventoryOf } from '../../support/fleet-rows.ts';

/** The same numbers in every run: figures of two runs are about the same fleet. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** A version that sorts before: the last number is one less. */
function olderThan(version: string): string {
  return version.replace(/(\d+)(?!.*\d)/, (number) => String(Math.max(0, Number(number) - 1)));
}

/**
 * Inventories of servers with real names and versions of an index: some kept up to date, some long behind.
 *
 * @param perEndpoint packages of each
 */
export function* makeInventories(
  records: readonly PackageRecord[],
  endpoints: number,
  perEndpoint: number,
): Generator<Inventory> {
  const random = makeRandom(42);
  const pool = records.filter((_, index) => index % 10 === 0);
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
    const lag = random() * 0.3;
    const start = Math.floor(random() * pool.length);
    const packages = [];
    for (let index = 0; index < perEndpoint; index += 1) {
      const record = pool[(start + index * 3) % pool.length];
      if (record === undefined) continue;
      const isBehind = random() < lag;
      packages.push({
        name: record.name,
        version: isBehind ? olderThan(record.version) : record.version,
        arch: record.arch,
        source: record.source,
        sourceVersion: isBehind ? olderThan(record.sourceVersion) : record.sourceVersion,
      });
    }
    yield inventoryOf(packages);
  }
}
