import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's packages that have the real tools of RPM's world in them. */
export const RPM_TOOLS = ['rpm', 'createrepo-c', 'dnf', 'gnupg', 'gpgv'] as const;

/** One package to build: `[epoch:]version-release`. */
export interface RpmSpec {
  readonly name: string;
  readonly version: string;
  readonly arch?: string;
  /** Lines of the spec file: `Requires: ...`. */
  readonly lines?: readonly string[];
}

export function runTool(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  // dnf's status 100 says that there are updates.
  if (result.status !== 0 && result.status !== 100)
    throw new Error(
      `${program} ${args.join(' ')} ended with ${result.status}: ${result.stdout}${result.stderr}`,
    );
  return result.stdout;
}

/** Builds packages and repositories with rpmbuild, rpmsign, createrepo_c and modifyrepo_c, in a folder of its own. */
export class RpmLab {
  readonly dir = mkdtempSync(join(tmpdir(), 'sp-rpm-'));
  /** Public key, in ASCII armour. */
  readonly keyFile = join(this.dir, 'RPM-GPG-KEY-lab');
  readonly #gpgHome = join(this.dir, 'gpg');

  constructor() {
    mkdirSync(this.#gpgHome, { mode: 0o700 });
    const gpg = (...args: string[]): string =>
      runTool('gpg', ['--batch', '--homedir', this.#gpgHome, ...args]);
    gpg('--passphrase', '', '--quick-gen-key', 'Lab <lab@example.org>', 'rsa2048', 'sign', 'never');
    writeFileSync(this.keyFile, gpg('--armor', '--export'));
  }

  close(): void {
    spawnSync('gpgconf', ['--homedir', this.#gpgHome, '--kill', 'gpg-agent']);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** @returns the .rpm files by `name-version-release.arch` */
  build(specs: readonly RpmSpec[]): ReadonlyMap<string, string> {
    const top = mkdtempSync(join(this.dir, 'build-'));
    const byArch = new Map<string, string[]>();
    specs.forEach((spec, index) => {
      const [, epoch = '0', version = '', release = ''] =
        /^(?:(\d+):)?([^-]+)-([^-]+)$/.exec(spec.version) ?? [];
      const arch = spec.arch ?? 'x86_64';
      const file = join(top, `${index}.spec`);
      writeFileSync(
        file,
        `Name: ${spec.name}\nVersion: ${version}\nRelease: ${release}\nEpoch: ${epoch}\nSummary: ${spec.name} of the lab\n` +
          `License: MIT\n${arch === 'noarch' ? 'BuildArch: noarch\n' : ''}${(spec.lines ?? []).join('\n')}\n` +
          '%description\nEmpty.\n%files\n',
      );
      const target = arch === 'noarch' ? 'x86_64' : arch;
      byArch.set(target, [...(byArch.get(target) ?? []), file]);
    });
    for (const [arch, files] of byArch)
      runTool('rpmbuild', ['--quiet', '--define', `_topdir ${top}`, '--target', arch, '-bb', ...files]);
    const built = new Map<string, string>();
    for (const name of readdirSync(join(top, 'RPMS'), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.rpm')) built.set(name.replace(/^.*\//, '').slice(0, -4), join(top, 'RPMS', name));
    }
    return built;
  }

  sign(files: Iterable<string>): void {
    runTool('rpmsign', [
      '--define',
      '__gpg /usr/bin/gpg',
      '--define',
      '_gpg_name Lab',
      '--define',
      `_gpg_path ${this.#gpgHome}`,
      '--addsign',
      ...files,
    ]);
  }

  /** Makes a repository of packages, and signs its repomd.xml. */
  makeRepository(
    folder: string,
    packages: Iterable<string>,
    extra: { readonly updateinfo?: string; readonly modules?: string; readonly sign?: boolean } = {},
    options: readonly string[] = [],
  ): string {
    const dir = join(this.dir, folder);
    mkdirSync(join(dir, 'Packages'), { recursive: true });
    for (const file of packages) copyFileSync(file, join(dir, 'Packages', file.replace(/^.*\//, '')));
    runTool('createrepo_c', ['--quiet', '--no-database', ...options, dir]);
    for (const type of ['updateinfo', 'modules'] as const) {
      const text = extra[type];
      if (text === undefined) continue;
      const file = join(this.dir, type === 'modules' ? 'modules.yaml' : 'updateinfo.xml');
      writeFileSync(file, text);
      runTool('modifyrepo_c', [`--mdtype=${type}`, file, join(dir, 'repodata')]);
    }
    if (extra.sign !== false) this.signRepository(dir);
    return dir;
  }

  signRepository(dir: string): void {
    const repomd = join(dir, 'repodata', 'repomd.xml');
    rmSync(`${repomd}.asc`, { force: true });
    runTool('gpg', ['--batch', '--homedir', this.#gpgHome, '--armor', '--detach-sign', repomd]);
  }

  /** A system with these packages in its database, and no files of theirs. */
  installRoot(packages: readonly string[], moduleFiles: Readonly<Record<string, string>>): string {
    const root = join(this.dir, 'root');
    mkdirSync(join(root, 'etc', 'dnf', 'modules.d'), { recursive: true });
    for (const [name, text] of Object.entries(moduleFiles))
      writeFileSync(join(root, 'etc', 'dnf', 'modules.d', name), text);
    const options = ['--root', root, '--justdb', '--nodeps', '--nosignature', '--ignorearch', '--force'];
    runTool('rpm', [...options, '-i', ...packages]);
    return root;
  }

  /** What the vendor's own tool says: `name.arch version`, sorted. What it says of obsoleted packages is not in it. */
  checkUpdate(root: string, repositories: Readonly<Record<string, string>>): string[] {
    const output = runTool('dnf', [
      `--installroot=${root}`,
      '--setopt=reposdir=/nonexistent',
      '--setopt=module_platform_id=platform:el9',
      '--setopt=varsdir=/nonexistent',
      `--setopt=cachedir=${join(this.dir, 'dnf-cache')}`,
      '--setopt=install_weak_deps=0',
      '--releasever=9',
      '--forcearch=x86_64',
      ...Object.entries(repositories).map(([id, dir]) => `--repofrompath=${id},file://${dir}`),
      '--quiet',
      'check-update',
    ]);
    const [updates = ''] = output.split('Obsoleting Packages');
    return updates
      .split('\n')
      .flatMap((line) => {
        const [name, version] = line.trim().split(/\s+/);
        return name === undefined || version === undefined ? [] : [`${name} ${version}`];
      })
      .sort();
  }
}
