import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import type { PinnedVendorKey, VendorCheck } from '../core/bundle/checks.ts';
import type { ImportedRepository } from '../core/bundle/import-record.ts';
import { readSignatures } from './gpgv.ts';
import type { ImportContent } from './import-port.ts';

/** Whose word counts for a vendor's signature. */
export interface VendorKeys {
  /** By persons of the site. Where a repository has any, nothing else counts for it. */
  readonly pinned: readonly PinnedVendorKey[];
  /** Keyring files of this machine, for repositories without a pinned key. */
  readonly machineKeyrings: readonly string[];
}

/** Where Debian and Ubuntu keep the keys of their archives. */
export const MACHINE_KEYRINGS: readonly string[] = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
];

/**
 * Step 12, second half: looks at the vendor's signature on each release file once more, on this side. A signature by a
 * known key that does not hold refuses the bundle; so does its absence where a person pinned a key. apt on the endpoint
 * has the last word.
 *
 * @throws BundleError BUNDLE_VENDOR_SIGNATURE_BAD
 */
export async function checkVendorSignatures(
  repositories: readonly ImportedRepository[],
  content: ImportContent,
  keys: VendorKeys | undefined,
): Promise<readonly VendorCheck[]> {
  const releases = new Map(
    repositories.filter((item) => item.ecosystem === 'deb').map((item) => [item.release.path, item]),
  );
  const checks: VendorCheck[] = [];
  for (const { root, suite, release } of releases.values()) {
    const name = `${root} ${suite}`;
    checks.push(
      keys === undefined
        ? notRechecked(name, 'no keys were given')
        : await check({ name, root, path: release.path }, readFileSync(content.pathOf(release.sha256)), keys),
    );
  }
  return checks;
}

interface ReleaseName {
  readonly name: string;
  readonly root: string;
  readonly path: string;
}

async function check(release: ReleaseName, bytes: Uint8Array, keys: VendorKeys): Promise<VendorCheck> {
  const pinned = keys.pinned.filter(({ root }) => root === '*' || root === release.root);
  const machine = keys.machineKeyrings.filter((file) => existsSync(file));
  if (pinned.length === 0 && machine.length === 0)
    return notRechecked(release.name, 'no key is pinned, and this machine has no keyring of the vendor');
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
  try {
    const file = join(folder, 'pinned.gpg');
    writeFileSync(file, Buffer.concat(pinned.map((key) => key.bytes)), { mode: 0o600 });
    const reading = await readSignatures(bytes, pinned.length > 0 ? [file] : machine);
    if (reading === null) return notRechecked(release.name, 'gpgv is not installed on this machine');
    if (reading.isSpoiled)
      throw bad(release.path, 'a signature of the vendor on it does not hold: its text was changed');
    const good = reading.good.map(({ fingerprint }) => fingerprint);
    if (good.length === 0 && pinned.length > 0)
      throw bad(release.path, `none of the keys pinned for ${release.root} has signed it`);
    if (good.length === 0) return notRechecked(release.name, 'signed by no key of this machine’s keyrings');
    const note =
      pinned.length > 0
        ? `by a key that ${[...new Set(pinned.map((key) => key.pinnedBy))].join(', ')} pinned`
        : 'by a key of this machine’s keyrings';
    return { name: release.name, status: 'verified', keys: good, note };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const notRechecked = (name: string, note: string): VendorCheck => ({
  name,
  status: 'not-rechecked',
  keys: [],
  note,
});

const bad = (file: string, why: string): BundleError =>
  new BundleError('BUNDLE_VENDOR_SIGNATURE_BAD', `${file}: ${why}.`, {
    hint: 'The vendor does not vouch for it. Do not use this medium. If the vendor has a new key, pin it first.',
    subject: { file },
  });
