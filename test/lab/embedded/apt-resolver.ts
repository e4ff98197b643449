import type { KeyObject } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { meetsBound, parseClauses, type Alternative } from '../../../main/core/apt/dependency.ts';
import { parsePackages, type PackageRecord } from '../../../main/core/apt/packages-index.ts';
import { parseRelease, type Release } from '../../../main/core/apt/release.ts';
import { compareDebVersions } from '../../../main/core/version/deb.ts';
import { packageKey, type PackageState } from './base-system.ts';
import { sha256 } from './deb-file.ts';
import { readSigned } from './vendor.ts';

/*
 * What apt would answer, for the little of apt that the made-up repository needs: exact versions, `Depends` with one
 * alternative, upgrades in step. Its words are those of the transcripts in test/fixtures/transcripts/apt-bookworm.
 */

/** A package that could be installed, and where apt says it comes from. */
export interface Available extends PackageRecord {
  /** For example `Debian-Security:12/oldstable-security`. */
  readonly origin: string;
  /** Folder of the repository on the endpoint. */
  readonly base: string;
}

export interface UpdateAnswer {
  readonly status: 0 | 100;
  readonly log: readonly string[];
  readonly available: readonly Available[];
}

export interface Change {
  readonly record: Available;
  readonly from: PackageState | null;
}

export interface SimulateAnswer {
  readonly status: 0 | 100;
  readonly log: readonly string[];
  readonly changes: readonly Change[];
}

interface Source {
  readonly base: string;
  readonly suite: string;
  readonly component: string;
  readonly arch: string;
}

function readSources(lines: readonly string[]): readonly Source[] {
  return lines
    .join('\n')
    .split('\n\n')
    .map((paragraph) => {
      const field = (name: string): string =>
        new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1]?.trim() ?? '';
      return {
        base: field('URIs').replace(/^file:/, ''),
        suite: field('Suites'),
        component: field('Components'),
        arch: field('Architectures'),
      };
    })
    .filter((source) => source.base !== '');
}

/** `apt-get update` over staged repositories. @param repo files by path below the stage's `repo` */
export function updateLists(options: {
  readonly sources: readonly string[];
  readonly repo: ReadonlyMap<string, Buffer>;
  readonly stageFolder: string;
  readonly vendorKey: KeyObject;
}): UpdateAnswer {
  const log: string[] = [];
  const warnings: string[] = [];
  const available: Available[] = [];
  let number = 0;
  for (const source of readSources(options.sources)) {
    const folder = source.base.slice(`${options.stageFolder}/repo/`.length);
    const name = `file:${source.base} ${source.suite}`;
    const bytes = options.repo.get(`${folder}/dists/${source.suite}/InRelease`);
    number += 1;
    if (bytes === undefined) {
      log.push(`Err:${String(number)} ${name} InRelease`, '  File not found');
      warnings.push(`E: The repository '${name} Release' does not have a Release file.`);
      continue;
    }
    const got = `Get:${String(number)} ${name} InRelease [${String(bytes.length)} B]`;
    log.push(got, got);
    const text = readSigned(bytes, options.vendorKey);
    if (text === undefined) {
      const why =
        'The following signatures were invalid: BADSIG 54404762BBB6E853 Debian Security Archive Automatic Signing Key (11/bullseye) <ftpmaster@debian.org>';
      log.push(`Err:${String(number)} ${name} InRelease`, `  ${why}`);
      warnings.push(`W: GPG error: ${name} InRelease: ${why}`);
      warnings.push(`E: The repository '${name} InRelease' is not signed.`);
      continue;
    }
    const release = parseRelease(text, name);
    number += 1;
    const title = `${name}/${source.component} ${source.arch} Packages`;
    const index = `${source.component}/binary-${source.arch}/Packages.gz`;
    const packed = options.repo.get(`${folder}/dists/${source.suite}/${index}`);
    log.push(`Get:${String(number)} ${title} [${String(packed?.length ?? 0)} B]`);
    const listed = release.files.get(index);
    if (packed === undefined || listed === undefined || sha256(packed) !== listed.sha256) {
      const hashes = [
        '   Hashes of expected file:',
        `    - SHA256:${listed?.sha256 ?? ''}`,
        '   Hashes of received file:',
        `    - SHA256:${packed === undefined ? '' : sha256(packed)}`,
      ];
      log.push(`Err:${String(number)} ${title}`, '  Hash Sum mismatch');
      warnings.push(
        `E: Failed to fetch ${name}/dists/${source.suite}/${index}  Hash Sum mismatch`,
        ...hashes,
      );
      warnings.push(
        'E: Some index files failed to download. They have been ignored, or old ones used instead.',
      );
      continue;
    }
    available.push(...readIndex(packed, release, source.base, index));
  }
  log.push('Reading package lists...', ...warnings);
  return { status: warnings.length > 0 ? 100 : 0, log, available };
}

/** An index is read once per process, however many endpoints hold it. */
const READ = new Map<string, readonly PackageRecord[]>();

function readIndex(packed: Buffer, release: Release, base: string, name: string): readonly Available[] {
  const key = sha256(packed);
  let records = READ.get(key);
  if (records === undefined) {
    records = parsePackages(gunzipSync(packed).toString('utf8'), true, name).records;
    READ.set(key, records);
  }
  const origin = `${release.label}:${release.version}/${release.suite}`;
  return records.map((record) => ({ ...record, origin, base }));
}

interface Wish {
  readonly name: string;
  readonly version: string;
}

/** `name:arch=version` */
export function readWanted(text: string): Wish {
  const [, name, version] = /^([^:=]+)(?::[^=]+)?=(.+)$/.exec(text) ?? [];
  if (name === undefined || version === undefined) throw new Error(`apt is asked for ${text}`);
  return { name, version };
}

/** Versions that `pins` lines leave to choose from; `null` where they leave all. */
export function readPins(lines: readonly string[]): ReadonlySet<string> | null {
  if (lines.length === 0) return null;
  const allowed = new Set<string>();
  for (const paragraph of lines.join('\n').split('\n\n')) {
    const name = /^Package: ([^:\s]+)/m.exec(paragraph)?.[1];
    const version = /^Pin: version (\S+)$/m.exec(paragraph)?.[1];
    if (name !== undefined && version !== undefined) allowed.add(`${name} ${version}`);
  }
  return allowed;
}

/** `apt-get -s install`. */
export function simulateInstall(options: {
  readonly installed: ReadonlyMap<string, PackageState>;
  readonly available: readonly Available[];
  readonly wanted: readonly string[];
  readonly pins: ReadonlySet<string> | null;
}): SimulateAnswer {
  const refuse = (...log: string[]): SimulateAnswer => ({ status: 100, log, changes: [] });
  const byName = new Map<string, PackageState>();
  for (const item of options.installed.values()) byName.set(item.name, item);
  const offered = options.available.filter(
    (item) => options.pins === null || options.pins.has(`${item.name} ${item.version}`),
  );
  const chosen = new Map<string, Available>();
  for (const text of options.wanted) {
    const { name, version } = readWanted(text);
    const found = offered.find((item) => item.name === name && item.version === version);
    if (found !== undefined) chosen.set(name, found);
    else if (byName.get(name)?.version !== version)
      return refuse(`E: Version '${version}' for '${name}' was not found`);
  }
  const versionAfter = (name: string): string | undefined => {
    const choice = chosen.get(name);
    return choice === undefined ? byName.get(name)?.version : choice.version;
  };
  /** Takes what meets the alternative; false where nothing that may be chosen does. */
  const meet = (wish: Alternative): boolean => {
    const version = versionAfter(wish.name);
    if (version !== undefined && meetsBound(version, wish)) return true;
    const best = offered
      .filter((item) => item.name === wish.name && meetsBound(item.version, wish))
      .toSorted((a, b) => compareDebVersions(b.version, a.version))[0];
    if (best === undefined || chosen.has(wish.name)) return false;
    chosen.set(best.name, best);
    return true;
  };
  const newest = (name: string): Available | undefined =>
    offered
      .filter((item) => item.name === name)
      .toSorted((a, b) => compareDebVersions(b.version, a.version))[0];
  for (let isChanged = true; isChanged;) {
    const before = chosen.size;
    for (const [name, item] of byName) {
      const own = chosen.get(name);
      for (const clause of parseClauses(own?.depends ?? item.depends)) {
        if (clause.some(meet)) continue;
        // What stays behind and no longer fits has to move along.
        const next = own === undefined ? newest(name) : undefined;
        if (next === undefined) {
          return refuse(
            'E: Unable to correct problems, you have held broken packages.',
            `The following packages have unmet dependencies: ${name} : Depends: ${clause[0]?.name ?? ''}`,
          );
        }
        chosen.set(name, next);
        break;
      }
    }
    isChanged = chosen.size > before;
  }
  const changes = [...chosen.values()]
    .map((record): Change => ({ record, from: byName.get(record.name) ?? null }))
    .filter(({ record, from }) => from?.version !== record.version);
  if (changes.some(({ from }) => from?.status.startsWith('hold ') === true)) {
    return refuse('E: Held packages were changed and -y was used without --allow-change-held-packages.');
  }
  return { status: 0, log: [], changes };
}

/** apt's own lines about a transaction, sorted as sort(1) does in the C locale. */
export function transactionLines(
  changes: readonly Change[],
  unfinished: readonly PackageState[],
): readonly string[] {
  const where = (record: Available): string => `(${record.version} ${record.origin} [${record.arch}])`;
  const taken = new Set(changes.map(({ record }) => packageKey(record)));
  return [
    ...changes.map(
      ({ record, from }) =>
        `Inst ${record.name}${from === null ? '' : ` [${from.version}]`} ${where(record)}`,
    ),
    ...changes.map(({ record }) => `Conf ${record.name} ${where(record)}`),
    ...unfinished
      .filter((item) => !taken.has(packageKey(item)))
      .map((item) => `Conf ${item.name} (${item.version} now [${item.arch}])`),
  ].toSorted((a, b) => (a < b ? -1 : 1));
}

const escapeUri = (path: string): string => path.replaceAll('+', '%2b').replaceAll('~', '%7e');

/** `apt-get --print-uris`. */
export function uriLines(changes: readonly Change[]): readonly string[] {
  return changes.map(({ record }) => {
    const file = record.filename.split('/').at(-1) ?? '';
    return `'file:${escapeUri(`${record.base}/${record.filename}`)}' ${file} ${String(record.size)} SHA256:${record.sha256}`;
  });
}
