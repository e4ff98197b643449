import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { readAdvisoryDocument } from '../core/advisories/recognise.ts';
import type { WantedRelease } from '../core/advisories/reading.ts';
import type { Advisory } from '../core/advisory.ts';
import type { NeededPlatform } from '../core/needs-list.ts';
import { composeRisk } from '../core/risk/compose-risk.ts';
import { parseEpss } from '../core/risk/epss.ts';
import { parseKev } from '../core/risk/kev.ts';
import type { CveStatement, RiskFeed, RiskList } from '../core/risk/risk-list.ts';
import { compareDebVersions } from '../core/version/deb.ts';
import { downloadSmall, type DownloadOptions } from './download.ts';

/** Documents about patches that are read on the connected side. Each is a file or an address. */
export interface RiskSources {
  /** CISA's known exploited vulnerabilities, JSON. */
  readonly kev?: string;
  /** FIRST's EPSS scores, CSV, packed by gzip or not. */
  readonly epss?: string;
  /** Vendors' advisories; what each is, its content says. */
  readonly advisories?: readonly string[];
}

export interface CollectedRisk {
  readonly advisories: readonly Advisory[];
  /** `null` where nothing is known: the bundle then has no such object. */
  readonly risk: RiskList | null;
}

/** Of one document: Debian's tracker has some 70 MB, and a file that is read whole must end somewhere. */
const MAX_BYTES = 256 * 1024 * 1024;

interface Document {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

/**
 * Reads advisories and risk data for what a needs-list asks for.
 *
 * @param found advisories that the content itself brought, and what vendors said of their CVEs
 * @throws CollectError COLLECT_ADVISORIES_INVALID, COLLECT_DOWNLOAD_FAILED
 */
export async function collectRisk(
  sources: RiskSources,
  platforms: readonly NeededPlatform[],
  found: { readonly advisories: readonly Advisory[]; readonly statements: readonly CveStatement[] },
  register: CveRegister,
  context: { readonly now: string; readonly download: DownloadOptions },
): Promise<CollectedRisk> {
  const advisories = new Map(found.advisories.map((advisory) => [advisory.id, advisory]));
  const statements = [...found.statements];
  const releases = platforms.map(releaseOf);
  for (const place of sources.advisories ?? []) {
    const document = await readDocument(place, context.download);
    const reading = readAdvisoryDocument(document.text, releases, document);
    for (const advisory of reading.advisories)
      if (isNews(advisory, platforms)) advisories.set(advisory.id, advisory);
    statements.push(...reading.statements);
  }
  const all = [...advisories.keys()].sort().flatMap((id) => advisories.get(id) ?? []);

  const cves = register.add(all.flatMap((advisory) => advisory.cves));
  const feeds: RiskFeed[] = [];
  const kev = sources.kev === undefined ? null : await readDocument(sources.kev, context.download);
  const exploited = kev === null ? null : parseKev(kev.text, kev.name);
  if (kev !== null && exploited !== null)
    feeds.push(feedOf('cisa-kev', kev, exploited.version, exploited.date, context.now));
  const epss = sources.epss === undefined ? null : await readDocument(sources.epss, context.download);
  const likely = epss === null ? null : parseEpss(epss.text, cves, epss.name);
  if (epss !== null && likely !== null)
    feeds.push(feedOf('first-epss', epss, likely.model, likely.date ?? dateOfName(epss.name), context.now));
  if (feeds.length === 0 && statements.length === 0) return { advisories: all, risk: null };
  const risk = composeRisk({
    feeds,
    kev: exploited?.entries ?? [],
    epss: likely?.scores ?? [],
    statements,
    cves,
  });
  return { advisories: all, risk };
}

/** CVEs that the bundles of a stream have spoken of so far: later bundles bring newer scores of those too. */
export class CveRegister {
  readonly #file: string;
  readonly #cves: Set<string>;

  constructor(keysDir: string, stream: string) {
    this.#file = join(keysDir, `cves-${stream}.txt`);
    this.#cves = new Set(existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n') : []);
    this.#cves.delete('');
  }

  add(cves: readonly string[]): ReadonlySet<string> {
    for (const cve of cves) this.#cves.add(cve);
    return this.#cves;
  }

  save(): void {
    writeFileSync(`${this.#file}.part`, `${[...this.#cves].sort().join('\n')}\n`);
    renameSync(`${this.#file}.part`, this.#file);
  }
}

function feedOf(
  feed: RiskFeed['feed'],
  document: Document,
  version: string,
  date: string,
  retrievedAt: string,
): RiskFeed {
  return { feed, version, date, document: document.name, sha256: document.sha256, retrievedAt };
}

/** `epss_scores-2021-04-14.csv.gz`: the day, where the content does not say it. */
function dateOfName(name: string): string {
  const day = /(\d{4}-\d{2}-\d{2})/.exec(name)?.[1] ?? '';
  const time = Date.parse(day);
  if (Number.isNaN(time)) {
    throw new CollectError(
      'COLLECT_ADVISORIES_INVALID',
      `Neither ${name} nor its name says of which day the scores are.`,
      {
        hint: 'Keep the name that FIRST serves it by: epss_scores-YYYY-MM-DD.csv.gz.',
        subject: { file: name },
      },
    );
  }
  return new Date(time).toISOString();
}

/** Everything where a platform lists no packages: a baseline for a site that sends no needs-list. */
const EVERYTHING: ReadonlySet<string> = new (class extends Set<string> {
  override has(): boolean {
    return true;
  }
})();

function releaseOf({ distribution, packages }: NeededPlatform): WantedRelease {
  return {
    distribution: distribution.id,
    codename: distribution.codename,
    sources: packages.length === 0 ? EVERYTHING : new Set(packages.map((item) => item.source)),
    packages: packages.length === 0 ? EVERYTHING : new Set(packages.map((item) => item.name)),
  };
}

/** Whether it speaks of a version that some endpoint does not have yet. */
function isNews(advisory: Advisory, platforms: readonly NeededPlatform[]): boolean {
  if (advisory.ecosystem !== 'deb' || advisory.of !== 'source') return true;
  const ofRelease = platforms.filter(
    ({ distribution }) =>
      distribution.id === advisory.distribution && distribution.codename === advisory.codename,
  );
  return ofRelease.some(
    ({ packages }) =>
      packages.length === 0 ||
      packages.some(
        (item) =>
          item.source === advisory.source &&
          compareDebVersions(advisory.fixedVersion, item.sourceVersion) > 0,
      ),
  );
}

async function readDocument(place: string, options: DownloadOptions): Promise<Document> {
  const isAddress = /^(?:https?|file):\/\//.test(place);
  const name = basename(isAddress ? new URL(place).pathname : place);
  const bytes = isAddress
    ? await downloadSmall(new URL(place), name, MAX_BYTES, options)
    : readWhole(place, name);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    const plain = isPacked ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes;
    return { name, text: nodeCrypto.decodeUtf8(plain), sha256: nodeCrypto.sha256(bytes) };
  } catch (cause) {
    throw new CollectError('COLLECT_ADVISORIES_INVALID', `${name} is packed or encoded wrongly.`, {
      hint: 'Give the file that its publisher serves, unchanged.',
      subject: { file: name },
      cause,
    });
  }
}

function readWhole(path: string, name: string): Uint8Array {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    return readFileSync(path);
  } catch (cause) {
    throw new CollectError('COLLECT_DOWNLOAD_FAILED', `${name} can't be read.`, {
      hint: cause instanceof Error ? cause.message : '',
      subject: { file: name },
      cause,
    });
  }
}
