import { readFileSync } from 'node:fs';

/** One package as dpkg knows it. Immutable: a change makes another one, so that copies of a disk share them. */
export interface PackageState {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: string;
  readonly sourceVersion: string;
  /** dpkg's three words, for example `install ok installed`. */
  readonly status: string;
  /** Depends of this version, where the made-up vendor publishes a newer one. */
  readonly depends: string;
  /** Its files on disk: path with `./` to SHA-256 of what is there. */
  readonly files: ReadonlyMap<string, string>;
}

export interface BaseSystem {
  readonly packages: readonly PackageState[];
  /** Marked as installed automatically. */
  readonly automatic: readonly string[];
}

export const packageKey = (item: { readonly name: string; readonly arch: string }): string =>
  `${item.name}:${item.arch}`;

const TRANSCRIPTS = new URL('../../fixtures/transcripts/apt/bookworm/', import.meta.url);

/** What a real Debian 12 answered, word for word: `preflight-ready`, `resolve-whole` ... */
export function readTranscript(name: string): string {
  return readFileSync(new URL(`${name}.txt`, TRANSCRIPTS), 'utf8');
}

/** Lines of one part of a recorded answer. */
export function recordedLines(name: string, section: string): readonly string[] {
  const text = readTranscript(name);
  const head = `#sallyport ${section}\n`;
  const start = text.indexOf(head);
  if (start < 0) throw new Error(`the transcript ${name} has no part ${section}`);
  const end = text.indexOf('\n#sallyport ', start);
  return text
    .slice(start + head.length, end < 0 ? undefined : end + 1)
    .split('\n')
    .filter((line) => line !== '');
}

/** `uname -r` and `uname -v` of Debian 12; the recorded endpoint was a container and showed its host's. */
export const KERNEL = ['6.1.0-37-amd64', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)'] as const;

/** The system that every simulated endpoint begins with: the packages of a real Debian 12, as it listed them itself. */
export function readBaseSystem(): BaseSystem {
  const packages = recordedLines('preflight-ready', 'packages').map((line): PackageState => {
    const [name = '', version = '', arch = '', source = '', sourceVersion = '', status = ''] =
      line.split('\t');
    return { name, version, arch, source, sourceVersion, status, depends: '', files: new Map() };
  });
  return { packages, automatic: recordedLines('resolve-whole', 'automatic') };
}
