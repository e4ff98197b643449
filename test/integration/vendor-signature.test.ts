import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseKeyring } from '../../main/bundle/openpgp-keys.ts';
import type { PinnedVendorKey } from '../../main/core/bundle/checks.ts';
import { writeTestBundle, type TestBundleOptions } from '../support/bundle-builder.ts';
import { expectRefusal } from '../support/bundle-refusal.ts';
import { codeOf } from '../support/coded.ts';
import { openTestSite, SITE_NOW, type TestSite } from '../support/test-site.ts';
import { ensureDebianPackages } from '../setup/debian-packages.ts';

const RELEASE = 'debian-security/dists/bookworm-security/InRelease';

let home: string;
let site: TestSite;
let keepHome: TestSite;
const gpg = (args: readonly string[], input: string | Uint8Array = ''): Buffer =>
  execFileSync(
    'gpg',
    ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
    {
      input,
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );

beforeAll(() => {
  ensureDebianPackages('vendor signatures', ['gpg', 'gpg-agent', 'gpgv']);
  keepHome = openTestSite();
  home = join(keepHome.dir, 'gpg');
  mkdirSync(home, { mode: 0o700 });
  for (const name of ['vendor', 'stranger'])
    gpg(['--quick-gen-key', `${name} <${name}@example.org>`, 'ed25519', 'sign', 'never']);
});
afterAll(() => {
  keepHome.close();
});
beforeEach(() => {
  site = openTestSite();
});
afterEach(() => {
  site.close();
});

function pinned(name: string, root = 'debian-security'): PinnedVendorKey {
  const [key] = parseKeyring(gpg(['--export', name]), name);
  if (key === undefined) throw new Error('no key');
  return { ...key, root, pinnedBy: 'Ada', pinnedAt: SITE_NOW };
}

/** Signs the release file, and changes it afterwards if asked to. */
const signedBy = (name: string, change: (text: string) => string = (text) => text): TestBundleOptions => ({
  changeObjects: (objects) => {
    const release = objects.get(RELEASE);
    const own = objects.get('sallyport/repositories.json');
    if (release === undefined || own === undefined) throw new Error('no release');
    const text = new TextDecoder().decode(release.bytes);
    const inner = text.slice(text.indexOf('Origin:'), text.indexOf('-----BEGIN PGP SIGNATURE'));
    const signed = Buffer.from(change(gpg(['--local-user', name, '--clearsign'], inner).toString('utf8')));
    objects.set(RELEASE, { class: 'release', bytes: signed });
    const parsed = JSON.parse(new TextDecoder().decode(own.bytes)) as {
      repositories: { release: { sha256: string } }[];
    };
    for (const { release: named } of parsed.repositories)
      named.sha256 = execFileSync('sha256sum', { input: signed, encoding: 'utf8' }).slice(0, 64);
    objects.set('sallyport/repositories.json', {
      class: 'repositories',
      bytes: Buffer.from(JSON.stringify(parsed)),
    });
  },
});

const checksOf = () => site.catalogue.listBundles()[0]?.vendorChecks;

describe('the vendor’s signature, looked at once more at the site', () => {
  it('holds by a key that a person pinned', async () => {
    writeTestBundle(site.mediaDir, signedBy('vendor'));
    const key = pinned('vendor');
    await site.import({ vendorKeys: { pinned: [key], machineKeyrings: [] } });
    expect(checksOf()).toEqual([
      {
        name: 'debian-security bookworm-security',
        status: 'verified',
        keys: [key.fingerprint],
        note: 'by a key that Ada pinned',
      },
    ]);
  });

  it('is demanded where a key is pinned: another’s, or a spoiled one, refuses the bundle', async () => {
    const vendorKeys = { pinned: [pinned('vendor')], machineKeyrings: [] };
    writeTestBundle(site.mediaDir, signedBy('stranger'));
    await expectRefusal(site, 'BUNDLE_VENDOR_SIGNATURE_BAD', RELEASE, { vendorKeys });
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(
      site.mediaDir,
      signedBy('vendor', (text) => text.replace('Debian-Security', 'Debian-Insecure')),
    );
    await expectRefusal(site, 'BUNDLE_VENDOR_SIGNATURE_BAD', RELEASE, { vendorKeys });
    rmSync(site.mediaDir, { recursive: true });
    // No OpenPGP at all.
    writeTestBundle(site.mediaDir);
    await expectRefusal(site, 'BUNDLE_VENDOR_SIGNATURE_BAD', RELEASE, { vendorKeys });
    // A key that is pinned for another vendor's repositories says nothing of these.
    await site.import({ vendorKeys: { pinned: [pinned('vendor', 'ubuntu')], machineKeyrings: [] } });
    expect(checksOf()).toMatchObject([{ status: 'not-rechecked' }]);
  });

  it('is looked for in the keyrings of the machine where nothing is pinned', async () => {
    const keyring = join(site.dir, 'machine.gpg');
    execFileSync('sh', ['-c', `cat > '${keyring}'`], { input: gpg(['--export', 'vendor']) });
    const vendorKeys = { pinned: [], machineKeyrings: [keyring, '/no/such/keyring.gpg'] };
    writeTestBundle(
      site.mediaDir,
      signedBy('vendor', (text) => text.replace('Debian-Security', 'Debian-Insecure')),
    );
    await expectRefusal(site, 'BUNDLE_VENDOR_SIGNATURE_BAD', RELEASE, { vendorKeys });
    rmSync(site.mediaDir, { recursive: true });
    writeTestBundle(site.mediaDir, signedBy('stranger'));
    await site.import({ vendorKeys });
    expect(checksOf()).toMatchObject([
      { status: 'not-rechecked', note: 'signed by no key of this machine’s keyrings' },
    ]);
  });

  it('has its keys parted and named as gpg does', () => {
    const binary = gpg(['--export']);
    const armoured = gpg(['--armor', '--export']);
    const listed = gpg(['--with-colons', '--list-keys'])
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('fpr:'))
      .map((line) => line.split(':')[9]);
    const keys = parseKeyring(binary, 'k');
    expect(keys.map((key) => key.fingerprint)).toEqual(listed);
    expect(keys.map((key) => key.userId)).toEqual([
      'vendor <vendor@example.org>',
      'stranger <stranger@example.org>',
    ]);
    expect(parseKeyring(armoured, 'k').map((key) => key.fingerprint)).toEqual(listed);
    expect(Buffer.concat(keys.map((key) => key.bytes)).equals(binary)).toBe(true);
    for (const spoiled of [
      binary.subarray(0, 40),
      Buffer.from('no keys'),
      Buffer.alloc(0),
      readFileSync(import.meta.filename),
    ])
      expect(codeOf(() => parseKeyring(spoiled, 'k'))).toBe('BUNDLE_CONTENT_UNREADABLE');
  });
});
