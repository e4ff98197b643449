import { mkdtempSync, openSync, closeSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import type { CabinetFile } from '../core/windows/cabinet.ts';
import {
  composeScanUpdates,
  findCategories,
  type ScanDescriptions,
} from '../core/windows/compose-updates.ts';
import {
  parseScanIndex,
  parseScanProperties,
  parseScanTitle,
  ScanPackageReader,
  SCAN_LIMITS,
  type ScanCabinet,
  type ScanPackage,
  type ScanProperties,
} from '../core/windows/offline-scan.ts';
import type { WindowsUpdate } from '../core/windows/update-list.ts';
import { TextPool, XmlFault } from '../core/windows/xml.ts';
import { CabinetReader, type MemberSink } from './read-cabinet.ts';

export interface OfflineScan {
  /** When Microsoft made it, ISO-8601. */
  readonly createdAt: string | null;
  readonly updates: readonly WindowsUpdate[];
}

export interface ScanOptions {
  /** Folder on a disk with room for the largest cabinet inside; what is put there is removed. */
  readonly scratchDir: string;
  readonly onProgress?: (cabinets: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Of `package.xml`, unpacked, and of all descriptions together. */
const MAX_PACKAGE_BYTES = 8 * 1024 ** 3;
const MAX_DESCRIPTION_BYTES = 16 * 1024 ** 3;
const MAX_NESTED_BYTES = 4 * 1024 ** 3;
/** Left free where the scratch folder lies. */
const RESERVED_BYTES = 64 * 1024 * 1024;
const DESCRIPTION = /^(?:x|l\/en)\/(\d{1,15})$/;

/**
 * Reads `wsusscn2.cab`: cabinets inside a cabinet. One inner cabinet at a time is copied out to a scratch file, its
 * members are read from there as a stream; in memory are two blocks, one description and what is kept of each update.
 *
 * @throws CollectError COLLECT_CABINET_UNREADABLE, COLLECT_CABINET_UNSUPPORTED, COLLECT_CABINET_TOO_LARGE,
 *   COLLECT_SCAN_INVALID; the signal's reason
 */
export async function readOfflineScan(path: string, options: ScanOptions): Promise<OfflineScan> {
  const scratch = mkdtempSync(join(options.scratchDir, 'scan-'));
  const outer = new CabinetReader(path, 'wsusscn2.cab');
  try {
    const cabinets = await readIndex(outer, options);
    const members = new Map(outer.files.map((file) => [file.name.toLowerCase(), file]));
    const spool = async (name: string): Promise<string> => {
      const member = members.get(name.toLowerCase());
      if (member === undefined) throw invalidScan('index.xml', `it names ${name}, which is not there`);
      return spoolMember(outer, member, scratch, options.signal);
    };
    let pkg: ScanPackage | null = null;
    const about = new Descriptions();
    // package.xml first: it says which descriptions are needed.
    const ordered = cabinets.toSorted((a, b) => Number(isPackage(b)) - Number(isPackage(a)));
    for (const [done, cabinet] of ordered.entries()) {
      options.onProgress?.(done, ordered.length);
      const file = await spool(cabinet.name);
      const inner = new CabinetReader(file, cabinet.name);
      try {
        if (isPackage(cabinet)) pkg = await readPackage(inner, options);
        else if (pkg !== null) await about.read(inner, pkg, options);
        else throw invalidScan('index.xml', 'it names no package.cab');
      } finally {
        inner.close();
        rmSync(file, { force: true });
      }
    }
    if (pkg === null) throw invalidScan('index.xml', 'it names no package.cab');
    options.onProgress?.(ordered.length, ordered.length);
    return { createdAt: pkg.createdAt, updates: composeScanUpdates(pkg, about) };
  } finally {
    outer.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const isPackage = (cabinet: ScanCabinet): boolean => cabinet.name.toLowerCase() === 'package.cab';

function invalidScan(file: string, why: string): CollectError {
  return new CollectError('COLLECT_SCAN_INVALID', `The scan file's ${file} is not as it should be: ${why}.`, {
    hint: 'Fetch wsusscn2.cab again from Microsoft.',
    subject: { file },
  });
}

/** Runs a reading of XML; what is wrong with it is told of the file. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof XmlFault) throw invalidScan(file, error.message);
    throw error;
  }
}

/** Gathers a small member and hands on its text. */
function textSink(file: CabinetFile, maxBytes: number, take: (text: string) => void): MemberSink {
  if (file.size > maxBytes) throw invalidScan(file.name, 'it is larger than it may be');
  // Not before its turn: sinks of all members are made at once.
  let pieces: Buffer[] = [];
  return {
    write: (piece) => void pieces.push(Buffer.from(piece)),
    end: () => {
      const text = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      take(text.replace(/^\uFEFF/, ''));
    },
  };
}

async function readIndex(outer: CabinetReader, { signal }: ScanOptions): Promise<readonly ScanCabinet[]> {
  let cabinets: readonly ScanCabinet[] | null = null;
  await outer.extract(
    (file) =>
      file.name.toLowerCase() === 'index.xml'
        ? textSink(file, SCAN_LIMITS.indexBytes, (text) => {
            cabinets = reading('index.xml', () => parseScanIndex(text));
          })
        : null,
    { maxBytes: SCAN_LIMITS.indexBytes },
    signal,
  );
  if (cabinets === null) throw invalidScan('index.xml', 'it is not there');
  return cabinets;
}

/** Copies a member to a file of a name of ours. */
async function spoolMember(
  outer: CabinetReader,
  member: CabinetFile,
  scratch: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { bavail, bsize } = statfsSync(scratch);
  if (member.size + RESERVED_BYTES > bavail * bsize) {
    throw new CollectError(
      'COLLECT_CABINET_TOO_LARGE',
      `${member.name} needs ${member.size} bytes more than the disk of ${scratch} has free.`,
      { hint: 'Make room there, or choose another folder for downloads.', subject: { file: member.name } },
    );
  }
  const target = join(scratch, 'inner.cab');
  const fd = openSync(target, 'w', 0o600);
  try {
    await outer.extract(
      (file) =>
        file === member
          ? {
              write: (bytes) => {
                for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
              },
              end: () => undefined,
            }
          : null,
      { maxBytes: MAX_NESTED_BYTES },
      signal,
    );
  } finally {
    closeSync(fd);
  }
  return target;
}

async function readPackage(inner: CabinetReader, { signal }: ScanOptions): Promise<ScanPackage> {
  let pkg: ScanPackage | null = null;
  await inner.extract(
    (file) => {
      if (file.name.toLowerCase() !== 'package.xml') return null;
      const reader = new ScanPackageReader();
      const decoder = new TextDecoder('utf-8');
      const take = (text: string): void => {
        reading(file.name, () => reader.write(text));
      };
      return {
        write: (bytes) => take(decoder.decode(bytes, { stream: true })),
        end: () => {
          take(decoder.decode());
          pkg = reading(file.name, () => reader.end());
        },
      };
    },
    { maxBytes: MAX_PACKAGE_BYTES },
    signal,
  );
  if (pkg === null) throw invalidScan('package.cab', 'it holds no package.xml');
  return pkg;
}

/** What the other cabinets say, as far as it is needed. */
class Descriptions implements ScanDescriptions {
  readonly properties = new Map<number, ScanProperties>();
  readonly titles = new Map<number, { readonly title: string; readonly description: string }>();
  readonly #pool = new TextPool();
  #categories: ReadonlySet<string> | null = null;

  async read(inner: CabinetReader, pkg: ScanPackage, { signal }: ScanOptions): Promise<void> {
    this.#categories ??= findCategories(pkg.revisions);
    await inner.extract(
      (file) => {
        const revision = pkg.revisions.get(Number(DESCRIPTION.exec(file.name)?.[1] ?? NaN));
        if (revision === undefined) return null;
        const { revisionId, updateId } = revision;
        if (file.name.startsWith('x/')) {
          if (this.#categories?.has(updateId) === true) return null;
          return textSink(file, SCAN_LIMITS.memberBytes, (text) => {
            this.properties.set(revisionId, this.#keep(reading(file.name, () => parseScanProperties(text))));
          });
        }
        // Of parts of updates only the files count.
        if (revision.bundledBy.length > 0) return null;
        return textSink(file, SCAN_LIMITS.memberBytes, (text) => {
          const { title, description } = reading(file.name, () => parseScanTitle(text));
          this.titles.set(revisionId, {
            title: this.#pool.keep(title),
            description: this.#pool.keep(description),
          });
        });
      },
      { maxBytes: MAX_DESCRIPTION_BYTES },
      signal,
    );
  }

  #keep(properties: ScanProperties): ScanProperties {
    const keep = (text: string | null): string | null => (text === null ? null : this.#pool.keep(text));
    return {
      kb: keep(properties.kb),
      severity: keep(properties.severity),
      bulletin: keep(properties.bulletin),
      reboot: keep(properties.reboot),
      files: properties.files.map((file) => ({ ...file, name: this.#pool.keep(file.name) })),
    };
  }
}
