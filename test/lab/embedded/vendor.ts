import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packageKey, type BaseSystem, type PackageState } from './base-system.ts';
import { sha256, writeDeb } from './deb-file.ts';

/**
 * A made-up vendor with the shape of Debian's archive: two suites, a package index, .deb files, every hash true. The packages
 * are Debian's by name, their newer versions end in `+sim1` and hold nothing but a few lines of text.
 *
 * Not faithful: the signature over a release file is not OpenPGP. It is an Ed25519 signature in an armour that looks like
 * it, and a simulated endpoint verifies that one. What gpgv, sqv and apt do with a real signature is for the real lab.
 */
export interface Vendor {
  readonly publicKey: KeyObject;
  readonly suites: readonly VendorSuite[];
}

export interface VendorSuite {
  readonly root: string;
  readonly suite: string;
  readonly component: 'main';
  readonly arch: 'amd64';
  /** Paths below the root: `dists/...` and `pool/...`. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly releasePath: string;
  readonly indexPath: string;
  readonly date: string;
}

/** One source package of which the vendor has a newer version, and which of its binary packages depend on one another. */
interface Update {
  readonly source: string;
  readonly suite: 'security' | 'main';
  /** Each package and those of the same version that it needs. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly title: string;
  readonly severity: 'high' | 'medium' | 'low' | 'not stated';
  readonly cves: readonly string[];
}

/** CVE-0000-… is no number that was ever given out: nobody shall take these for real. */
export const UPDATES: readonly Update[] = [
  {
    source: 'expat',
    suite: 'security',
    packages: { libexpat1: [] },
    title: 'Simulated: integer overflow in the XML parser',
    severity: 'high',
    cves: ['CVE-0000-1001', 'CVE-0000-1002'],
  },
  {
    source: 'cyrus-sasl2',
    suite: 'security',
    packages: { 'libsasl2-2': ['libsasl2-modules-db'], 'libsasl2-modules-db': [] },
    title: 'Simulated: out-of-bounds write while logging in',
    severity: 'medium',
    cves: ['CVE-0000-1003'],
  },
  {
    source: 'openssl',
    suite: 'security',
    packages: { openssl: ['libssl3'], libssl3: [] },
    title: 'Simulated: memory of a finished handshake is used again',
    severity: 'high',
    cves: ['CVE-0000-1004', 'CVE-0000-1005', 'CVE-0000-1006'],
  },
  {
    source: 'nginx',
    suite: 'security',
    packages: { nginx: ['nginx-common'], 'nginx-common': [], 'nginx-light': ['nginx'] },
    title: 'Simulated: request smuggling behind a proxy',
    severity: 'medium',
    cves: ['CVE-0000-1007'],
  },
  {
    source: 'sudo',
    suite: 'security',
    packages: { sudo: [] },
    title: 'Simulated: a rule for one host applies to all',
    severity: 'high',
    cves: ['CVE-0000-1008'],
  },
  {
    source: 'tzdata',
    suite: 'main',
    packages: { tzdata: [] },
    title: 'Simulated: new time zones',
    severity: 'not stated',
    cves: [],
  },
];

/** Installing one of these asks for a restart, as /run/reboot-required says. */
export const ASKS_FOR_RESTART: ReadonlySet<string> = new Set(['libssl3']);

export const newVersion = (version: string): string => `${version}+sim1`;

const FOLDERS: Readonly<Record<Update['suite'], { root: string; suite: string; pool: string }>> = {
  security: { root: 'debian-security', suite: 'bookworm-security', pool: 'pool/updates/main' },
  main: { root: 'debian', suite: 'bookworm', pool: 'pool/main' },
};

/** Files that a version of a package installs. */
function filesOf(name: string, version: string): readonly { path: string; content: string }[] {
  const doc = `./usr/share/doc/${name}`;
  return [
    { path: `./usr/lib/${name}/content`, content: `Simulated content of ${name} ${version}.\n` },
    { path: `${doc}/README`, content: `This is ${name} ${version} of a simulated vendor.\n` },
    { path: `${doc}/copyright`, content: 'Simulated. There is nothing in it.\n' },
  ];
}

const controlOf = (item: PackageState): string =>
  [
    `Package: ${item.name}`,
    ...(item.source === item.name && item.sourceVersion === item.version
      ? []
      : [`Source: ${item.source}${item.sourceVersion === item.version ? '' : ` (${item.sourceVersion})`}`]),
    `Version: ${item.version}`,
    `Architecture: ${item.arch}`,
    'Maintainer: Simulated Vendor <nobody@example.invalid>',
    'Installed-Size: 12',
    ...(item.depends === '' ? [] : [`Depends: ${item.depends}`]),
    'Section: libs',
    'Priority: optional',
    `Description: ${item.name} of a simulated vendor`,
  ].join('\n');

/** A version of a package with its files, as it is on disk once installed. */
function versioned(item: PackageState, version: string, needs: readonly string[]): PackageState {
  return {
    ...item,
    version,
    sourceVersion: version === item.version ? item.sourceVersion : newVersion(item.sourceVersion),
    depends: needs.map((name) => `${name} (= ${version})`).join(', '),
    files: new Map(filesOf(item.name, version).map(({ path, content }) => [path, sha256(content)])),
  };
}

/** The packages of the base system, with dependencies and files where the vendor publishes a newer version. */
export function prepareBase(base: BaseSystem): ReadonlyMap<string, PackageState> {
  const needs = new Map(UPDATES.flatMap((update) => Object.entries(update.packages)));
  return new Map(
    base.packages.map((item) => {
      const own = needs.get(item.name);
      return [packageKey(item), own === undefined ? item : versioned(item, item.version, own)];
    }),
  );
}

/** @param now milliseconds since the epoch: the release files are dated an hour before */
export function makeVendor(base: BaseSystem, now = Date.now()): Vendor {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const date = new Date(now - 3_600_000).toUTCString().replace('GMT', 'UTC');
  const installed = new Map(base.packages.map((item) => [item.name, item]));
  const suites = (['main', 'security'] as const).map((which): VendorSuite => {
    const { root, suite, pool } = FOLDERS[which];
    const files = new Map<string, Buffer>();
    const paragraphs: string[] = [];
    for (const update of UPDATES.filter((item) => item.suite === which)) {
      for (const [name, needs] of Object.entries(update.packages)) {
        const old = installed.get(name);
        if (old === undefined) throw new Error(`the base system has no ${name} to update`);
        const item = versioned(old, newVersion(old.version), needs);
        const control = controlOf(item);
        const deb = writeDeb(`${control}\n`, filesOf(item.name, item.version));
        // An epoch is no part of a file's name (deb-version(7)).
        const file = `${name}_${item.version.replace(/^\d+:/, '')}_${item.arch}.deb`;
        const path = `${pool}/${update.source.slice(0, 1)}/${update.source}/${file}`;
        files.set(path, deb);
        paragraphs.push(
          `${control}\nFilename: ${path}\nSize: ${String(deb.length)}\nSHA256: ${sha256(deb)}\n`,
        );
      }
    }
    const index = Buffer.from(paragraphs.join('\n'), 'utf8');
    const packed = gzipSync(index, { level: 9 });
    const below = 'main/binary-amd64/Packages';
    const release = [
      'Origin: Debian',
      `Label: ${which === 'security' ? 'Debian-Security' : 'Debian'}`,
      `Suite: ${which === 'security' ? 'oldstable-security' : 'oldstable'}`,
      'Version: 12',
      `Codename: ${suite}`,
      `Date: ${date}`,
      'Acquire-By-Hash: no',
      'Architectures: all amd64',
      'Components: main',
      'Description: Simulated, signed by nobody but this test',
      'SHA256:',
      ` ${sha256(index)} ${String(index.length)} ${below}`,
      ` ${sha256(packed)} ${String(packed.length)} ${below}.gz`,
      '',
    ].join('\n');
    const releasePath = `dists/${suite}/InRelease`;
    const indexPath = `dists/${suite}/${below}.gz`;
    files.set(releasePath, Buffer.from(clearSign(release, privateKey), 'utf8'));
    files.set(indexPath, packed);
    return { root, suite, component: 'main', arch: 'amd64', files, releasePath, indexPath, date };
  });
  return { publicKey, suites };
}

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n\n';
const END = '\n-----END PGP SIGNATURE-----\n';

function clearSign(text: string, key: KeyObject): string {
  return `${BEGIN}${text}${SIGNATURE}${sign(null, Buffer.from(text), key).toString('base64')}${END}`;
}

/** The signed text of a release file, or `undefined` where the signature does not hold. */
export function readSigned(bytes: Buffer, key: KeyObject): string | undefined {
  const whole = bytes.toString('utf8');
  const middle = whole.indexOf(SIGNATURE);
  if (!whole.startsWith(BEGIN) || middle < 0 || !whole.endsWith(END)) return undefined;
  const text = whole.slice(BEGIN.length, middle);
  const signature = Buffer.from(whole.slice(middle + SIGNATURE.length, -END.length), 'base64');
  return verify(null, Buffer.from(text), key, signature) ? text : undefined;
}
