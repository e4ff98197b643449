import { parseDocument } from 'yaml';
import { formatRpmVersion } from '../version/rpm.ts';
import { unreadable } from './xml-document.ts';

/** A package that belongs to a stream of a module. */
export interface ModulePackage {
  /** `nodejs:18` */
  readonly module: string;
  readonly name: string;
  /** `[epoch:]version-release` */
  readonly version: string;
  readonly arch: string;
}

export interface ModuleFacts {
  readonly packages: readonly ModulePackage[];
  /** Streams that count as enabled where nobody chose another: `nodejs:18`. */
  readonly defaults: readonly string[];
}

const MAX_DOCUMENT = 4 * 1024 * 1024;
const MAX_PACKAGES = 500_000;

/**
 * Reads `modules.yaml`: which packages belong to which stream of which module, and which streams are the defaults.
 * Documents of other kinds are passed over.
 *
 * Written after the formats modulemd 2 and modulemd-defaults 1 of the project libmodulemd.
 *
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export function parseModules(text: string, file: string): ModuleFacts {
  const packages: ModulePackage[] = [];
  const defaults: string[] = [];
  // One document at a time: the whole of a large repository's would be a tree of hundreds of megabytes.
  for (const part of text.split(/^---(?:[ \t].*)?$/m)) {
    const kind = /^document: *['"]?([a-z-]+)/m.exec(part)?.[1];
    if (kind !== 'modulemd' && kind !== 'modulemd-defaults') continue;
    if (part.length > MAX_DOCUMENT) throw unreadable(file, 'a document in it is too large');
    const data = dataOf(part, file);
    if (kind === 'modulemd') readStream(data, packages);
    else readDefault(data, defaults);
    if (packages.length > MAX_PACKAGES) throw unreadable(file, 'it names too many packages');
  }
  return { packages, defaults };
}

function dataOf(part: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    const document = parseDocument(part, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
    if (document.errors.length > 0) throw unreadable(file, 'a document in it is no YAML');
    value = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw unreadable(file, 'a document in it is no YAML');
  }
  return isRecord(value) && isRecord(value['data']) ? value['data'] : {};
}

function readStream(data: Readonly<Record<string, unknown>>, packages: ModulePackage[]): void {
  const { name, stream, artifacts } = data;
  const list = isRecord(artifacts) ? artifacts['rpms'] : [];
  if (typeof name !== 'string' || typeof stream !== 'string' || !Array.isArray(list)) return;
  for (const item of list) {
    const match = typeof item === 'string' ? /^(.+)-(?:(\d+):)?([^-:]+)-([^-]+)\.([^.-]+)$/.exec(item) : null;
    if (match === null || match[5] === 'src') continue;
    packages.push({
      module: `${name}:${stream}`,
      name: match[1] ?? '',
      version: formatRpmVersion(match[2] ?? null, match[3] ?? '', match[4] ?? ''),
      arch: match[5] ?? '',
    });
  }
}

function readDefault(data: Readonly<Record<string, unknown>>, defaults: string[]): void {
  const { module, stream } = data;
  if (typeof module === 'string' && typeof stream === 'string') defaults.push(`${module}:${stream}`);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
