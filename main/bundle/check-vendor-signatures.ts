import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import type { PinnedVendorKey, VendorCheck } from '../core/bundle/checks.ts';
import type { ImportedRepository } from '../core/bundle/import-record.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import { readSignatures } from './gpgv.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import { enarmour } from './openpgp-keys.ts';
import { checkRpmSignatures } from './rpm-signatures.ts';

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
 * Step 12, second half: looks at the vendor's signature on each release file once more, on this side: apt's `InRelease`,
 * `repomd.xml` with its `repomd.xml.asc`, or, of a vendor of RPM packages that signs nothing else, the packages. A
 * signature by a known key that does not hold refuses the bundle; so does its absence where a person pinned a key. The
 * package manager on the endpoint has the last word.
 *
 * @param objects all that the bundle lists
 * @throws BundleError BUNDLE_VENDOR_SIGNATURE_BAD
 */
export async function checkVendorSignatures(
  repositories: readonly Signed[],
  objects: readonly ManifestObject[],
  { content, catalogue }: Ports,
  keys: VendorKeys | undefined,
): Promise<readonly VendorCheck[]> {
  const releases = new Map(
    repositories.filter((item) => item.ecosystem !== 'windows').map((item) => [item.release.path, item]),
  );
  const checks: VendorCheck[] = [];
  for (const repository of releases.values()) {
    const name = `${repository.root} ${repository.suite}`;
    if (keys === undefined) checks.push(notRechecked(name, 'no keys were given'));
    else
      checks.push(
        await inFolder((folder) => check({ name, repository, objects, content, catalogue, keys, folder })),
      );
  }
  return checks;
}

type Signed = Pick<ImportedRepository, 'ecosystem' | 'root' | 'suite' | 'release' | 'files'>;

interface Ports {
  readonly content: Pick<ImportContent, 'pathOf'>;
  readonly catalogue: Pick<ImportCatalogue, 'hasSignature'>;
}

interface Question extends Ports {
  readonly name: string;
  readonly repository: Signed;
  readonly objects: readonly ManifestObject[];
  readonly keys: VendorKeys;
  /** For keyrings; gone afterwards. */
  readonly folder: string;
}

async function inFolder(work: (folder: string) => Promise<VendorCheck>): Promise<VendorCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function check(question: Question): Promise<VendorCheck> {
  const { name, repository, content, keys, folder } = question;
  const { root, release, ecosystem } = repository;
  const pinned = keys.pinned.filter((key) => key.root === '*' || key.root === root);
  // This machine's keyrings are those of vendors of Debian's kind.
  const machine = ecosystem === 'deb' ? keys.machineKeyrings.filter((file) => existsSync(file)) : [];
  if (pinned.length === 0 && machine.length === 0)
    return notRechecked(
      name,
      ecosystem === 'deb'
        ? 'no key is pinned, and this machine has no keyring of the vendor'
        : 'no key is pinned',
    );
  const signature = (repository.files ?? []).find((file) => file.kind === 'signature');
  if (ecosystem === 'rpm' && signature === undefined) return checkPackages(question, pinned);

  const keyring = join(folder, 'pinned.gpg');
  writeFileSync(keyring, Buffer.concat(pinned.map((key) => key.bytes)), { mode: 0o600 });
  const reading = await readSignatures(
    readFileSync(content.pathOf(release.sha256)),
    pinned.length > 0 ? [keyring] : machine,
    signature === undefined ? {} : { signature: content.pathOf(signature.sha256) },
  );
  if (reading === null) return notRechecked(name, 'gpgv is not installed on this machine');
  if (reading.isSpoiled)
    throw bad(release.path, 'a signature of the vendor on it does not hold: its text was changed');
  const good = reading.good.map(({ fingerprint }) => fingerprint);
  if (good.length === 0 && pinned.length > 0)
    throw bad(release.path, `none of the keys pinned for ${root} has signed it`);
  if (good.length === 0) return notRechecked(name, 'signed by no key of this machine’s keyrings');
  const note =
    pinned.length > 0 ? `by a key that ${pinnersOf(pinned)} pinned` : 'by a key of this machine’s keyrings';
  return { name, status: 'verified', keys: good, note };
}

/** Where `repomd.xml` has no signature, nothing but those on the packages says that they are the vendor's. */
async function checkPackages(
  { name, repository, objects, content, catalogue, folder }: Question,
  pinned: readonly PinnedVendorKey[],
): Promise<VendorCheck> {
  // Who changes what the vendor signed would leave its signature out.
  if (catalogue.hasSignature(repository.root, repository.suite))
    throw bad(
      repository.release.path,
      'it has no signature of the vendor, but the one that this site has does',
    );
  const base = `${repository.root}/${repository.suite}/`;
  const packages = objects.filter((item) => item.class === 'package' && item.path.startsWith(base));
  if (packages.length === 0)
    return notRechecked(name, 'its repomd.xml is not signed, and it brings no package here');
  const keyFiles = pinned.map((key, index) => {
    const file = join(folder, `${index}.asc`);
    writeFileSync(file, enarmour(key.bytes), { mode: 0o600 });
    return file;
  });
  const files = new Map(packages.map((item) => [content.pathOf(item.sha256), item.path]));
  const result = await checkRpmSignatures([...files.keys()], keyFiles);
  if (result.kind === 'not possible')
    return notRechecked(name, 'its repomd.xml is not signed, and rpm is not installed on this machine');
  if (result.kind === 'keys refused')
    return notRechecked(name, 'its repomd.xml is not signed, and rpm does not take the pinned keys');
  const refused = [...result.refused].flatMap((file) => files.get(file) ?? []).sort();
  if (refused[0] !== undefined)
    throw bad(refused[0], `no key pinned for ${repository.root} vouches for it, nor for its repomd.xml`);
  return {
    name,
    status: 'verified',
    keys: pinned.map((key) => key.fingerprint),
    note: `each of its ${packages.length} packages, by keys that ${pinnersOf(pinned)} pinned; repomd.xml itself is not signed`,
  };
}

const pinnersOf = (pinned: readonly PinnedVendorKey[]): string =>
  [...new Set(pinned.map((key) => key.pinnedBy))].join(', ');

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
