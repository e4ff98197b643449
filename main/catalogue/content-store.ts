import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CatalogueError } from '../../contract/errors.ts';
import { copyInProcess, type Copier, type CopyOptions, type CopySource } from './copy-verified.ts';
import { PartFile, type Part } from './part-file.ts';

/**
 * The content of the site: files named by their SHA-256, `content/ab/abcdef...`. A file has its name only once its
 * bytes are known to be right and are on disk, so what has a name need not be checked again.
 */
export class ContentStore {
  readonly #dir: string;
  readonly #incoming: string;
  readonly #copier: Copier;
  readonly #unsynced = new Set<string>();

  constructor(dir: string, copier: Copier = copyInProcess) {
    this.#dir = dir;
    this.#copier = copier;
    this.#incoming = join(dir, 'incoming');
    mkdirSync(this.#incoming, { recursive: true, mode: 0o700 });
  }

  /** How many copies are made at once. */
  get width(): number {
    return this.#copier.width;
  }

  pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256: ${sha256.slice(0, 80)}`);
    return join(this.#dir, sha256.slice(0, 2), sha256);
  }

  has(sha256: string, size: number): boolean {
    return statSync(this.pathOf(sha256), { throwIfNoEntry: false })?.size === size;
  }

  /** The path of an object that must be there. @throws CatalogueError CONTENT_MISSING */
  locate(sha256: string): string {
    const path = this.pathOf(sha256);
    if (!existsSync(path)) {
      throw new CatalogueError('CONTENT_MISSING', `The content store has no object ${sha256}.`, {
        hint: 'Import the bundle that carries it again.',
        subject: { sha256 },
      });
    }
    return path;
  }

  /** Bytes that may still be written where the store lies. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#dir);
    return bavail * bsize;
  }

  /**
   * Removes what interrupted copies left.
   *
   * @param keep objects of which parts may be here already
   */
  cleanIncoming(keep: ReadonlySet<string> = new Set()): void {
    for (const name of readdirSync(this.#incoming)) {
      const [, object = ''] = /^([0-9a-f]{64})\.(?:parts|journal)$/.exec(name) ?? [];
      if (!keep.has(object)) rmSync(join(this.#incoming, name), { force: true });
    }
  }

  /** Removes an object that the catalogue no longer counts; none is there is no fault. */
  remove(sha256: string): void {
    rmSync(this.pathOf(sha256), { force: true });
  }

  /**
   * Copies an open file into the store.
   *
   * @throws as `copyVerified` of copy-verified.ts; nothing of it is kept then
   */
  async copyVerified(
    source: CopySource,
    expected: { readonly sha256: string; readonly size: number },
    options: CopyOptions = {},
  ): Promise<void> {
    const part = join(this.#incoming, `${expected.sha256}.part`);
    const out = openSync(part, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    let isComplete = false;
    try {
      await this.#copier.copy(source, out, 0, expected, options);
      isComplete = true;
    } finally {
      closeSync(out);
      if (!isComplete) rmSync(part, { force: true });
    }
    this.#name(part, expected.sha256);
  }

  /** Numbers of an object's parts that are here, whole and on disk. */
  partsOf(sha256: string, parts: readonly Part[]): ReadonlySet<number> {
    return new PartFile(this.#incoming, sha256).done(parts);
  }

  /** Copies one part of an object. It stays, also when a later one fails. @throws as `copyVerified` of copy-verified.ts */
  async copyPart(source: CopySource, sha256: string, part: Part, options: CopyOptions = {}): Promise<void> {
    await new PartFile(this.#incoming, sha256).add(source, part, options, this.#copier);
  }

  /** Gives an object its name once all its parts are here. @throws BundleError BUNDLE_HASH_MISMATCH */
  async joinParts(
    object: { readonly sha256: string; readonly size: number },
    signal?: AbortSignal,
  ): Promise<void> {
    const file = new PartFile(this.#incoming, object.sha256);
    this.#name(await file.finish(object.size, signal), object.sha256);
    file.forget();
  }

  /** Moves an object out of the store, where nothing looks for it. @returns where it lies now */
  quarantine(sha256: string): string {
    const folder = join(this.#dir, 'quarantine');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const place = join(folder, `${sha256}.quarantined`);
    renameSync(this.pathOf(sha256), place);
    this.#unsynced.add(folder).add(dirname(this.pathOf(sha256)));
    this.flush();
    return place;
  }

  #name(file: string, sha256: string): void {
    const path = this.pathOf(sha256);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    renameSync(file, path);
    this.#unsynced.add(dirname(path));
  }

  flush(): void {
    // Windows has no fsync of folders; its rename is journalled by NTFS.
    if (process.platform !== 'win32') {
      for (const dir of [...this.#unsynced, this.#dir]) {
        const fd = openSync(dir, 'r');
        try {
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
      }
    }
    this.#unsynced.clear();
  }
}
