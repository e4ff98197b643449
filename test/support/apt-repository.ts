import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeDeb } from '../lab/embedded/deb-file.ts';
import { reasonWithoutTools } from './debian-tools.ts';

/** A small repository of apt's kind on disk, signed with OpenPGP by a vendor of the test's own. */
export interface AptRepository {
  /** Base address, `file://`. */
  readonly address: string;
  readonly root: string;
  readonly suite: string;
  /** The vendor's public key, as gpgv reads it. */
  readonly keyring: string;
  readonly packages: readonly { readonly name: string; readonly version: string; readonly size: number }[];
}

const PACKAGES = [
  { name: 'openssl', version: '3.0.20-1~deb12u2', filler: 180_000 },
  { name: 'rsync', version: '3.2.7-1+deb12u3', filler: 90_000 },
  { name: 'tzdata', version: '2026b-0+deb12u1', filler: 40_000 },
] as const;

/** Why such a repository can't be made here; `null` when it can. */
export const whyNoAptRepository = (): string | null => reasonWithoutTools(['gpg', 'gpgv']);

/** @param dir new folder; its path is short, for gpg's agent keeps a socket in it */
export function makeAptRepository(dir: string, now: Date = new Date()): AptRepository {
  const root = 'debian-security';
  const suite = 'bookworm-security';
  const base = join(dir, root);
  const put = (path: string, bytes: string | Buffer): void => {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), bytes);
  };
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const packages: { name: string; version: string; size: number }[] = [];
  const stanzas = PACKAGES.map(({ name, version, filler }) => {
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: amd64',
      'Maintainer: Nobody <nobody@example.invalid>',
      'Installed-Size: 10',
      'Section: net',
      'Priority: optional',
      `Description: a test of ${name}`,
    ].join('\n');
    // Bytes that don't shrink, so that the package has a size worth showing.
    const seed = createHash('sha256').update(name).digest('hex');
    const changelog = `${name} (${version}) bookworm-security; urgency=high\n\n  * Fix CVE-2026-1${String(filler).slice(0, 3)}0.\n\n -- Nobody <nobody@example.invalid>  Mon, 23 Nov 2026 12:00:00 +0000\n`;
    const deb = writeDeb(`${control}\n`, [
      { path: `./usr/share/doc/${name}/changelog.Debian`, content: changelog },
      { path: `./usr/lib/${name}/content`, content: seed.repeat(Math.ceil(filler / seed.length)) },
    ]);
    const path = `pool/updates/main/${name}_${version}_amd64.deb`;
    put(path, deb);
    packages.push({ name, version, size: deb.length });
    return `${control}\nFilename: ${path}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n`;
  });
  const index = Buffer.from(stanzas.join('\n'));
  const packed = gzipSync(index, { level: 9 });
  const below = 'main/binary-amd64/Packages';
  put(`dists/${suite}/${below}`, index);
  put(`dists/${suite}/${below}.gz`, packed);
  const date = now.toUTCString().replace('GMT', 'UTC');
  const release = [
    'Origin: Debian',
    'Label: Debian-Security',
    'Suite: oldstable-security',
    'Version: 12',
    `Codename: ${suite}`,
    `Date: ${date}`,
    'Acquire-By-Hash: no',
    'Architectures: amd64',
    'Components: main',
    'SHA256:',
    ` ${sha256(index)} ${index.length} ${below}`,
    ` ${sha256(packed)} ${packed.length} ${below}.gz`,
    '',
  ].join('\n');
  const { inRelease, keyring } = signByNewKey(dir, release);
  put(`dists/${suite}/InRelease`, inRelease);
  return { address: `file://${base}/`, root, suite, keyring, packages };
}

function signByNewKey(dir: string, text: string): { readonly inRelease: Buffer; readonly keyring: string } {
  const home = join(dir, 'gpg');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const gpg = (args: readonly string[], input = ''): Buffer => {
    const result = spawnSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], {
      input,
    });
    if (result.status !== 0) throw new Error(`gpg ${args.join(' ')}: ${result.stderr.toString()}`);
    return result.stdout;
  };
  gpg(['--quick-gen-key', 'Test vendor <vendor@example.invalid>', 'ed25519', 'sign', '1y']);
  const keyring = join(dir, 'vendor.gpg');
  writeFileSync(keyring, gpg(['--export']));
  const inRelease = gpg(['--clearsign', '--digest-algo', 'SHA256'], text);
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  return { inRelease, keyring };
}

/** A needs-list of one endpoint that has older versions of what the repository offers. */
export function needsListFor(repository: AptRepository, now: Date = new Date()): string {
  return JSON.stringify({
    format: 'sallyport-needs-list/1',
    createdAt: now.toISOString(),
    platforms: [
      {
        distribution: { id: 'debian', codename: 'bookworm' },
        architecture: 'amd64',
        repositories: [{ root: repository.root, suite: repository.suite, components: ['main'] }],
        packages: repository.packages.map(({ name }) => ({
          name,
          arch: 'amd64',
          version: '1.0-1',
          source: name,
          sourceVersion: '1.0-1',
          everywhere: true,
          held: false,
        })),
      },
    ],
    holdings: null,
  });
}
