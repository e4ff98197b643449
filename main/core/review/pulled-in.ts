import type { Plan } from '../plan.ts';

/**
 * Which packages of a plan come in because of another one, as far as the plan proves it: on an endpoint where one package alone was asked
 * for, all others are there because of it. By SHA-256 of what was asked for; names, sorted.
 */
export function pulledIn(plan: Pick<Plan, 'endpoints'>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { packages } of plan.endpoints) {
    const asked = packages.filter((item) => item.requested);
    const [cause] = asked;
    if (cause === undefined || asked.length > 1 || packages.length === 1) continue;
    const names = found.get(cause.sha256) ?? new Set<string>();
    for (const item of packages) if (!item.requested) names.add(item.name);
    found.set(cause.sha256, names);
  }
  return new Map([...found].map(([sha256, names]) => [sha256, [...names].toSorted()]));
}
