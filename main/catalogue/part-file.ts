import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import { hashFile, type Copier, type CopyOptions, type CopySource } from './copy-verified.ts';

/** One part of an object: where its bytes belong and what they must be. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly sha256: string;
}

const LINE = /^([1-9]\d{0,2}) ([0-9a-f]{64})$/;

/**
 * An object that arrives in parts, in any order, over several media and interruptions: a file in which each part lies
 * in its place, and beside it a journal of the parts that are right and on disk. A line is written only then, so a
 * process that dies loses no more than the part it was at.
 */
export class PartFile {
  readonly #data: string;
  readonly #journal: string;
  readonly #sha256: string;

  constructor(dir: string, sha256: string) {
    this.#sha256 = sha256;
    this.#data = join(dir, `${sha256}.parts`);
    this.#journal = join(dir, `${sha256}.journal`);
  }

  /** Numbers of the parts that are here. A line cut short by a power cut counts for nothing. */
  done(parts: readonly Part[]): ReadonlySet<number> {
    if (!existsSync(this.#journal) || !existsSync(this.#data)) return new Set();
    const hashes = new Map(parts.map((part) => [part.number, part.sha256]));
    return new Set(
      readFileSync(this.#journal, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const match = LINE.exec(line);
          const number = Number(match?.[1]);
          return match !== null && hashes.get(number) === match[2] ? [number] : [];
        }),
    );
  }

  /** Copies one part to its place. @throws as `copyVerified` */
  async add(source: CopySource, part: Part, options: CopyOptions, copier: Copier): Promise<void> {
    const out = openSync(this.#data, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await copier.copy(source, out, part.offset, part, options);
    } finally {
      closeSync(out);
    }
    const journal = openSync(this.#journal, 'a', 0o600);
    try {
      // A leading line feed ends what a power cut may have left unfinished.
      writeSync(journal, `\n${part.number} ${part.sha256}\n`);
      fsyncSync(journal);
    } finally {
      closeSync(journal);
    }
  }

  /**
   * Once every part is here: hashes the whole, which is what everything else goes by.
   *
   * @returns the file, right and on disk, to be given its name
   * @throws BundleError BUNDLE_HASH_MISMATCH when the signed parts don't make the signed object
   */
  async finish(size: number, signal: AbortSignal | undefined): Promise<string> {
    const fd = openSync(this.#data, 'r+');
    let actual = '';
    try {
      actual = await hashFile(fd, size, signal);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (actual !== this.#sha256) {
      this.discard();
      throw new BundleError(
        'BUNDLE_HASH_MISMATCH',
        `The parts of ${this.#sha256} are right one by one, but together they are another file.`,
        { hint: 'The bundle was built wrongly. Ask for a new one.', subject: { file: this.#sha256 } },
      );
    }
    return this.#data;
  }

  forget(): void {
    rmSync(this.#journal, { force: true });
  }

  discard(): void {
    rmSync(this.#data, { force: true });
    rmSync(this.#journal, { force: true });
  }
}
