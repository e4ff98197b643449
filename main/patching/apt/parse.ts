import { PatchDriverError } from '../../../contract/errors.ts';
import type { InstalledPackage, Inventory, PackageChange } from '../../core/inventory.ts';
import { byNameAndArch } from '../../core/plan.ts';
import type { InstallStatus } from '../patch-driver.ts';
import { rebootReasons } from './reboot-reasons.ts';

/** One part of what a script printed. A script may print parts of one name many times over. */
export interface Section {
  readonly name: string;
  readonly lines: readonly string[];
}

const HEAD = '#sallyport ';
const LOG_TAIL_CHARACTERS = 8_000;

export function parseSections(output: string): readonly Section[] {
  const sections: { name: string; lines: string[] }[] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith(HEAD)) sections.push({ name: line.slice(HEAD.length), lines: [] });
    else if (line !== '') sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Lines of the first part of that name. @throws PATCHING_OUTPUT_UNREADABLE when there is none */
export function linesOf(sections: readonly Section[], name: string): readonly string[] {
  const section = sections.find((item) => item.name === name);
  if (section === undefined) throw unreadable(`there is no part "${name}"`);
  return section.lines;
}

/** Text that others wrote, with the blank taken off again that stands before each of its lines. */
export function freeText(sections: readonly Section[], name: string): string {
  return unquoted(linesOf(sections, name)).join('\n');
}

export const unquoted = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => (line.startsWith(' ') ? line.slice(1) : line));

export function unreadable(why: string): PatchDriverError {
  return new PatchDriverError(
    'PATCHING_OUTPUT_UNREADABLE',
    `What the endpoint answered can't be read: ${why}. Its package manager may be of an unknown version.`,
  );
}

export function single(sections: readonly Section[], name: string): string {
  const [line] = linesOf(sections, name);
  if (line === undefined) throw unreadable(`the part "${name}" is empty`);
  return line;
}

export function wholeNumber(text: string | undefined, what: string): number {
  if (text === undefined || !/^[0-9]+$/.test(text)) throw unreadable(`${what} is no number`);
  return Number(text);
}

/** One `KEY=value` line of os-release(5), with or without quotes. */
function releaseValue(lines: readonly string[], key: string): string {
  const line = lines.findLast((item) => item.startsWith(`${key}=`));
  const value = line?.slice(key.length + 1).trim() ?? '';
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return (quoted?.[2] ?? value).replaceAll(/\\(["'$`\\])/g, '$1');
}

/** Has files on disk, whole or not. Removed packages that left their configuration behind are no part of an inventory. */
const hasFiles = (status: string): boolean => !/ (config-files|not-installed)$/.test(status);

export function parsePackages(lines: readonly string[]): {
  readonly packages: readonly InstalledPackage[];
  readonly held: readonly string[];
} {
  const packages: InstalledPackage[] = [];
  const held = new Set<string>();
  for (const line of lines) {
    const [name, version, arch, source, sourceVersion, status, ...rest] = line.split('\t');
    if (!name || !arch || !source || status === undefined || rest.length > 0) {
      throw unreadable(`a line of the list of packages reads ${JSON.stringify(line.slice(0, 200))}`);
    }
    if (!hasFiles(status)) continue;
    packages.push({ name, version: version ?? '', arch, source, sourceVersion: sourceVersion ?? '', status });
    if (status.startsWith('hold ')) held.add(name);
  }
  return { packages: packages.toSorted(byNameAndArch), held: [...held].toSorted() };
}

export function parseBootMarker(sections: readonly Section[]): string {
  const marker = single(sections, 'boot');
  if (!/^[0-9a-f-]{36}\/[0-9]+$/.test(marker))
    throw unreadable(`the boot marker reads ${JSON.stringify(marker)}`);
  return marker;
}

export function parseInventory(sections: readonly Section[]): Inventory {
  const release = unquoted(linesOf(sections, 'release'));
  const distribution = releaseValue(release, 'ID');
  if (distribution === '') throw unreadable('os-release has no ID');
  const [kernel, kernelVersion = ''] = linesOf(sections, 'kernel');
  if (kernel === undefined) throw unreadable('there is no kernel release');
  const { packages, held } = parsePackages(linesOf(sections, 'packages'));
  const reasons = rebootReasons({
    flag: linesOf(sections, 'reboot-flag').length > 0,
    flagPackages: unquoted(linesOf(sections, 'reboot-packages')),
    running: { release: kernel, version: kernelVersion },
    packages,
    images: unquoted(linesOf(sections, 'kernels')),
    needrestart: unquoted(linesOf(sections, 'needrestart')),
  });
  return {
    platform: 'apt',
    distribution,
    codename: releaseValue(release, 'VERSION_CODENAME'),
    prettyName: releaseValue(release, 'PRETTY_NAME') || distribution,
    arch: single(sections, 'architecture'),
    kernel,
    packages,
    held,
    rebootRequired: reasons.length > 0,
    rebootReasons: reasons,
    clock: wholeNumber(single(sections, 'clock'), 'the clock'),
    bootMarker: parseBootMarker(sections),
  };
}

export interface LockHolder {
  readonly lock: string;
  readonly pid: number;
  /** Name of its program, at most 15 characters, as the kernel keeps it. */
  readonly program: string;
}

export function parseLocks(sections: readonly Section[]): readonly LockHolder[] {
  return linesOf(sections, 'locks').map((line) => {
    const [lock = '', pid, program = ''] = line.split('\t');
    return { lock, pid: wholeNumber(pid, 'the holder of a lock'), program };
  });
}

export interface Space {
  /** What was asked for. */
  readonly path: string;
  readonly source: string;
  readonly mountPoint: string;
  /** Bytes that a process without privilege may still write. */
  readonly available: number;
  /** `null` where the file system has no fixed number of inodes. */
  readonly inodes: number | null;
}

/** Lines of df(1) as `path source avail itotal iavail target`. */
export function parseSpace(sections: readonly Section[]): readonly Space[] {
  return linesOf(sections, 'space').map((line) => {
    const match = /^(\S+)\s+(\S.*?)\s+([0-9]+)\s+([0-9-]+)\s+([0-9-]+)\s+(\/.*)$/.exec(line);
    const [, path, source, available, total, inodes, mountPoint] = match ?? [];
    if (path === undefined || source === undefined || mountPoint === undefined) {
      throw unreadable(`a line about free space reads ${JSON.stringify(line)}`);
    }
    const counted = total !== undefined && /^[1-9]/.test(total);
    return {
      path,
      source,
      mountPoint,
      available: wholeNumber(available, 'free space'),
      inodes: counted ? wholeNumber(inodes, 'the number of free inodes') : null,
    };
  });
}

export interface Simulation {
  /** Sorted by name, then arch. */
  readonly changes: readonly PackageChange[];
  /** Packages that would only be configured: left half done by something earlier. */
  readonly leftovers: readonly string[];
}

/*
 * `Inst name[:arch] [old] (new origin:release/suite, … [arch]) [what is broken meanwhile]`, `Remv name[:arch] [old] …`,
 * `Conf name[:arch] (…)` of apt-get(8) --simulate. The name bears an architecture only where it is not the native one.
 */
const INST = /^Inst (\S+?)(?::(\S+))?(?: \[([^\]]+)\])? \((\S+) .*?\[([a-z0-9-]+)\]\)/;
const REMV = /^(?:Remv|Purg) (\S+?)(?::(\S+))?(?: \[([^\]]+)\])?(?: |$)/;
const CONF = /^Conf (\S+?)(?::(\S+))? \(\S+ .*?\[([a-z0-9-]+)\]\)/;

export function parseSimulation(lines: readonly string[], nativeArch: string): Simulation {
  const changes: PackageChange[] = [];
  const configured: string[] = [];
  for (const line of lines) {
    const [, installed, , from, to, arch] = INST.exec(line) ?? [];
    const [, removed, removedArch, removedVersion] = REMV.exec(line) ?? [];
    const [, conf, , confArch] = CONF.exec(line) ?? [];
    if (installed !== undefined && to !== undefined && arch !== undefined) {
      changes.push({ name: installed, arch, from: from ?? null, to });
    } else if (removed !== undefined) {
      changes.push({ name: removed, arch: removedArch ?? nativeArch, from: removedVersion ?? '', to: null });
    } else if (conf !== undefined && confArch !== undefined) {
      configured.push(`${conf}:${confArch}`);
    } else {
      throw unreadable(`a line of the simulation reads ${JSON.stringify(line.slice(0, 200))}`);
    }
  }
  const unpacked = new Set(changes.map((item) => `${item.name}:${item.arch}`));
  return {
    changes: changes.toSorted(byNameAndArch),
    leftovers: configured.filter((key) => !unpacked.has(key)),
  };
}

/** SHA-256 of every file that apt would install, as the vendor's signed index has it (`apt-get --print-uris`). */
export function parseUris(lines: readonly string[]): readonly string[] {
  return lines.map((line) => {
    const hash = /^'[^']+' \S+ [0-9]+ SHA256:([0-9a-f]{64})$/.exec(line)?.[1];
    if (hash === undefined) throw unreadable(`a line about a file to install reads ${JSON.stringify(line)}`);
    return hash;
  });
}

/** Log text fit to be shown: no control characters, the end of it only. */
export function logTail(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .slice(-LOG_TAIL_CHARACTERS)
    .trim();
}

export function parseInstallStatus(sections: readonly Section[]): InstallStatus {
  const state = single(sections, 'state').trim();
  if (state === 'absent') return { kind: 'absent' };
  const tail = logTail(freeText(sections, 'log'));
  const finished = /^finished ([0-9]{1,3})$/.exec(state)?.[1];
  if (finished !== undefined) return { kind: 'finished', exitCode: Number(finished), logTail: tail };
  if (state === 'running' || state === 'vanished') return { kind: state, logTail: tail };
  throw unreadable(`the state of the install reads ${JSON.stringify(state)}`);
}
