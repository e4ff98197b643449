import type { RepositoryRef } from '../needs-list.ts';

/** Path of each repository below a vendor's usual base address: `https://.../almalinux/`. */
const PATHS: Readonly<Record<string, (release: string, arch: string) => readonly string[]>> = {
  almalinux: (release, arch) => ['BaseOS', 'AppStream'].map((name) => `${release}/${name}/${arch}/os`),
  rocky: (release, arch) => ['BaseOS', 'AppStream'].map((name) => `${release}/${name}/${arch}/os`),
  centos: (release, arch) => ['BaseOS', 'AppStream'].map((name) => `${release}-stream/${name}/${arch}/os`),
  fedora: (release, arch) => [
    `releases/${release}/Everything/${arch}/os`,
    `updates/${release}/Everything/${arch}`,
  ],
};

/** Distributions whose releases are named by the number before the dot. */
const MAJOR_ONLY = new Set(['almalinux', 'rocky', 'centos', 'rhel', 'ol']);

/** What stands for a release: `VERSION_ID` of os-release(5), of Red Hat's kin only what stands before the dot. */
export function rpmCodename(distribution: string, versionId: string): string {
  return MAJOR_ONLY.has(distribution) ? (versionId.split('.')[0] ?? versionId) : versionId;
}

/**
 * The vendor's own repositories for a release, as its public mirrors lay them out. Empty for a vendor that has no
 * public ones (`rhel`) or whose layout is not known here: then the needs-list must name them.
 */
export function rpmRepositories(
  distribution: { readonly id: string; readonly codename: string },
  arch: string,
): readonly RepositoryRef[] {
  const paths = PATHS[distribution.id]?.(distribution.codename, arch) ?? [];
  return paths.map((suite) => ({ root: distribution.id, suite, components: [] }));
}
