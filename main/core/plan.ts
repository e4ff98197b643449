import type { PackageChange } from './inventory.ts';

/** hard: no proven snapshot, no patch. soft: try, then patch anyway. disabled: none. The customer's recorded choice. */
export type SnapshotMode = 'hard' | 'soft' | 'disabled';
/** What to do when the endpoint asks for a restart. */
export type RebootPolicy = 'never' | 'if-required' | 'always';

/** A check that must pass before patching and again afterwards. Runs on the endpoint. */
export interface HealthCheck {
  readonly name: string;
  /** Program and arguments; passes when it exits 0 within the time. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
}

/** One package of the transaction, exactly. */
export interface PlannedPackage {
  readonly name: string;
  readonly arch: string;
  readonly from: string | null;
  readonly to: string;
  /** Of the .deb file that the vendor's signed index names. */
  readonly sha256: string;
  /** Asked for by a person, or pulled in by another package of the transaction. */
  readonly requested: boolean;
}

/** What will be done to one endpoint: the whole transaction, nothing beyond it. */
export interface EndpointPlan {
  readonly endpointId: string;
  readonly endpointName: string;
  readonly address: string;
  readonly distribution: string;
  readonly codename: string;
  readonly snapshotMode: SnapshotMode;
  readonly restoreOnFailure: boolean;
  readonly rebootPolicy: RebootPolicy;
  readonly healthChecks: readonly HealthCheck[];
  /** Sorted by name, then arch. Never empty. */
  readonly packages: readonly PlannedPackage[];
}

/** The frozen content of a change. Its digest is what an approval binds. */
export interface Plan {
  readonly format: 'sallyport-plan/1';
  readonly planId: string;
  readonly siteId: string;
  /** Of the catalogue the plan was made from: the manifest of the newest bundle. */
  readonly catalogueDigest: string;
  /** Sorted by endpoint id. */
  readonly endpoints: readonly EndpointPlan[];
}

/**
 * The one text form of a plan: JSON with sorted keys and no white space, so that equal plans have equal bytes. The
 * digest of a plan is the SHA-256 of this text in UTF-8, in lower-case hexadecimal.
 */
export function canonicalPlan(plan: Plan): string {
  return canonicalJson({
    ...plan,
    endpoints: plan.endpoints
      .map((endpoint) => ({ ...endpoint, packages: endpoint.packages.toSorted(byNameAndArch) }))
      .toSorted((a, b) => compare(a.endpointId, b.endpointId)),
  });
}

/** JSON with keys in code-unit order and no white space. Values must be plain data without undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const items = value as Readonly<Record<string, unknown>>;
    let text = '';
    // Sorted by code units without a comparer of ours: a list of 50,000 patches has millions of keys.
    for (const key of Object.keys(items).sort()) {
      const item = items[key];
      if (item !== undefined)
        text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(item)}`;
    }
    return `{${text}}`;
  }
  return JSON.stringify(value);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function byNameAndArch(
  a: { readonly name: string; readonly arch: string },
  b: { readonly name: string; readonly arch: string },
): number {
  return compare(a.name, b.name) || compare(a.arch, b.arch);
}

/**
 * Compares what happened, or what the package manager says it would do, with what was planned.
 *
 * @returns an empty list when they are the same set of exact changes; else a sentence for each difference
 */
export function differencesFromPlan(
  planned: readonly PlannedPackage[],
  actual: readonly PackageChange[],
): readonly string[] {
  const wanted = new Map(planned.map((item) => [`${item.name}:${item.arch}`, item]));
  const sentences: string[] = [];
  for (const change of actual.toSorted(byNameAndArch)) {
    const key = `${change.name}:${change.arch}`;
    const plan = wanted.get(key);
    wanted.delete(key);
    if (plan === undefined) {
      sentences.push(`${key} ${describe(change)}, which the plan does not name`);
    } else if (change.to !== plan.to || change.from !== plan.from) {
      sentences.push(`${key} ${describe(change)}, planned was ${plan.from ?? 'not installed'} to ${plan.to}`);
    }
  }
  for (const missing of wanted.values()) {
    sentences.push(`${missing.name}:${missing.arch} does not reach ${missing.to}`);
  }
  return sentences;
}

function describe(change: PackageChange): string {
  if (change.to === null) return `${change.from ?? ''} is removed`;
  if (change.from === null) return `${change.to} is newly installed`;
  return `goes from ${change.from} to ${change.to}`;
}
