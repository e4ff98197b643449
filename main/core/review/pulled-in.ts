import type { Plan } from '../plan.ts';

type Endpoints = Pick<Plan, 'endpoints'>;

/**
 * Which packages of a plan come in because of another one, as far as the plan proves it. On an endpoint where one package alone was asked
 * for, all others are there because of it; where all were asked for, none pulls in anything else. Where several were asked for and more
 * comes along, the plan does not say what needs what: then nothing is known of any of them. By SHA-256; names, sorted; `null`: not known.
 */
export function pulledIn(plan: Endpoints): ReadonlyMap<string, readonly string[] | null> {
  const found = new Map<string, Set<string> | null>();
  for (const { packages } of plan.endpoints) {
    const asked = packages.filter((item) => item.requested).length;
    const along = packages.filter((item) => !item.requested);
    for (const { sha256, requested } of packages) {
      const known = found.get(sha256);
      // What came along itself may need the others that did.
      const isKnown = requested ? asked === 1 || along.length === 0 : along.length === 1;
      if (known === null || !isKnown) {
        found.set(sha256, null);
        continue;
      }
      const names = known ?? new Set<string>();
      if (requested) for (const item of along) names.add(item.name);
      found.set(sha256, names);
    }
  }
  return new Map(
    [...found].map(([sha256, names]) => [sha256, names === null ? null : [...names].toSorted()]),
  );
}

/** Packages that nobody asked for and that come in with a plan all the same, by name, and on how many endpoints each is new. */
export function comesAlong(
  plan: Endpoints,
): readonly { readonly package: string; readonly endpoints: number; readonly newOn: number }[] {
  const found = new Map<string, { endpoints: number; newOn: number }>();
  for (const { packages } of plan.endpoints) {
    for (const { name, from, requested } of packages) {
      if (requested) continue;
      const known = found.get(name) ?? { endpoints: 0, newOn: 0 };
      found.set(name, { endpoints: known.endpoints + 1, newOn: known.newOn + (from === null ? 1 : 0) });
    }
  }
  return [...found]
    .map(([name, counts]) => ({ package: name, ...counts }))
    .toSorted((a, b) => (a.package < b.package ? -1 : 1));
}
