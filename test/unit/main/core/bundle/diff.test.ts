import { describe, expect, it } from 'vitest';
import { diffBundles, type BundleContent, type DiffPatch } from '../../../../../main/core/bundle/diff.ts';

const patch = (id: number, name: string, version: string): DiffPatch => ({
  id,
  package: name,
  arch: 'amd64',
  version,
  codename: 'bookworm',
  size: 1,
});
const advisory = (id: string, ...cves: string[]) => ({ id, advisory: id, title: id, severity: 'high', cves });
const content = (change: Partial<BundleContent>): BundleContent => ({
  base: 0,
  patches: [],
  advisories: [],
  ...change,
});

describe('two bundles', () => {
  const first = content({
    patches: [patch(1, 'openssl', '1'), patch(2, 'rsync', '1'), patch(3, 'curl', '1')],
    advisories: [advisory('DSA-1', 'CVE-2026-0001')],
  });
  const second = content({
    patches: [patch(4, 'openssl', '2'), patch(3, 'curl', '1'), patch(5, 'bind9', '1')],
    advisories: [advisory('DSA-1', 'CVE-2026-0001'), advisory('DSA-2', 'CVE-2026-0002', 'CVE-2026-0001')],
  });

  it('differ by what was added, replaced, taken away, and newly covered', () => {
    const diff = diffBundles(first, second);
    expect(diff.added.map((item) => item.package)).toEqual(['bind9']);
    expect(diff.changed.map(({ from, to }) => [from.version, to.version])).toEqual([['1', '2']]);
    expect(diff.gone.map((item) => item.package)).toEqual(['rsync']);
    expect(diff.advisories.map((item) => item.id)).toEqual(['DSA-2']);
    expect(diff.cves).toEqual(['CVE-2026-0002']);
  });

  it('say nothing is gone where the second leaves out what the site has', () => {
    expect(diffBundles(first, { ...second, base: 1 }).gone).toEqual([]);
  });

  it('do not differ from themselves', () => {
    expect(diffBundles(first, first)).toEqual({ added: [], changed: [], gone: [], advisories: [], cves: [] });
  });
});
