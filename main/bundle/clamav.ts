import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import type { MalwareScanner, ScanEngine } from './malware-scanner.ts';

/** clamscan(1) looks into files of at most 2 GiB. */
const MAX_BYTES = 2 * 1024 ** 3 - 1;
/** Databases with a header that states their version. */
const SIGNED_DATABASE = /\.(?:cvd|cld)$/;
const DATABASE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(?:cvd|cld|hdb|hsb|ndb|ldb|mdb|fp|sfp)$/;

/** Whether a file of this name is one that ClamAV reads as a signature database, and that a bundle may carry. */
export const isDatabaseName = (name: string): boolean => DATABASE.test(name);

/** ClamAV's clamscan, where it is installed. Its databases come from the machine, or in bundles. */
export class ClamAv implements MalwareScanner {
  readonly #own: string;
  readonly #machine: string;
  readonly #program: string;

  /** @param own folder for databases that bundles bring; once it has any, those of the machine are not used */
  constructor(own: string, options: { readonly machine?: string; readonly program?: string } = {}) {
    this.#own = own;
    this.#machine = options.machine ?? '/var/lib/clamav';
    this.#program = options.program ?? 'clamscan';
  }

  addDatabases(files: readonly { readonly name: string; readonly file: string }[]): void {
    for (const { name, file } of files) {
      if (!DATABASE.test(name)) continue;
      const target = join(this.#own, name);
      if (SIGNED_DATABASE.test(name) && versionOf(file) <= this.#versionHere(name)) continue;
      mkdirSync(this.#own, { recursive: true, mode: 0o700 });
      copyFileSync(file, `${target}.new`);
      renameSync(`${target}.new`, target);
      // `daily.cvd` and `daily.cld` are one database: the other form of it is older now.
      for (const other of SIGNED_DATABASE.test(name) ? ['.cvd', '.cld'] : []) {
        const twin = join(this.#own, `${parse(name).name}${other}`);
        if (twin !== target) rmSync(twin, { force: true });
      }
    }
  }

  /** Of a signed database, in either form; -1 where there is none. */
  #versionHere(name: string): number {
    return ['.cvd', '.cld']
      .map((form) => join(this.#own, `${parse(name).name}${form}`))
      .reduce((newest, file) => Math.max(newest, existsSync(file) ? versionOf(file) : -1), -1);
  }

  async open(): Promise<ScanEngine | { readonly reason: string }> {
    const version = await runClamscan(this.#program, ['--version'], undefined);
    if (version === null) return { reason: 'ClamAV is not installed on this machine' };
    const folder = [this.#own, this.#machine].find((place) => databasesIn(place).length > 0);
    if (folder === undefined) return { reason: 'ClamAV has no signature database' };
    return {
      engine: version.output.split('/')[0]?.trim().slice(0, 100) ?? 'ClamAV',
      database: describe(folder),
      maxBytes: MAX_BYTES,
      scan: (files, signal) => this.#scan(folder, files, signal),
    };
  }

  async #scan(
    folder: string,
    files: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly { readonly file: string; readonly signature: string }[]> {
    const work = mkdtempSync(join(tmpdir(), 'sallyport-scan-'));
    try {
      const list = join(work, 'files');
      writeFileSync(list, `${files.join('\n')}\n`);
      const limits = ['--max-filesize=2047M', '--max-scansize=2047M', '--max-scantime=0'];
      const args = ['--stdout', '--no-summary', '--infected', `--tempdir=${work}`, `--database=${folder}`];
      const result = await runClamscan(this.#program, [...args, ...limits, `--file-list=${list}`], signal);
      if (result === null || (result.status !== 0 && result.status !== 1)) {
        throw new BundleError('BUNDLE_SCAN_FAILED', 'The malware scan did not come to its end.', {
          hint: `clamscan said: ${lastLine(result?.output ?? '')}`,
          retry: 'same',
        });
      }
      return result.output.split('\n').flatMap((line) => {
        const [, file, signature] = /^(.+): (\S+) FOUND$/.exec(line) ?? [];
        return file === undefined || signature === undefined ? [] : [{ file, signature }];
      });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
}

const databasesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => DATABASE.test(name))
        .sort()
    : [];

/** Each database by name with its version, or with the beginning of its SHA-256 where it states none. */
function describe(folder: string): string {
  return databasesIn(folder)
    .map((name) => {
      const file = join(folder, name);
      if (SIGNED_DATABASE.test(name)) return `${parse(name).name}:${versionOf(file)}`;
      return `${name}:${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)}`;
    })
    .join(' ');
}

/** Third field of the 512-byte header `ClamAV-VDB:<time>:<version>:...`; 0 where there is none. */
function versionOf(file: string): number {
  const head = Buffer.alloc(512);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  const [, version] = /^ClamAV-VDB:[^:]*:(\d{1,9}):/.exec(head.toString('latin1')) ?? [];
  return Number(version ?? 0);
}

/** What a program ended with, for a message. */
export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

/** Runs clamscan. @returns `null` when the program is not there */
export function runClamscan(
  program: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number | null; readonly output: string } | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = '';
    const take = (text: string): void => {
      if (output.length < 16 * 1024 * 1024) output += text;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', (status) => {
      resolve({ status, output });
    });
  });
}
