import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import type { Advisory } from '../core/advisory.ts';
import type { AdvisoryDocument } from '../core/advisories/reading.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import type { CveStatement } from '../core/risk/risk-list.ts';
import { joinUpdates, type HashedPayload } from '../core/windows/join-updates.ts';
import { parsePayloadFacts, type PayloadFacts } from '../core/windows/microsoft-facts.ts';
import { advisoriesOfFixes, WINDOWS_RELEASE, type MsrcFix } from '../core/windows/msrc.ts';
import { readMsrcDocument } from '../core/windows/recognise-msrc.ts';
import { advisoriesOfScan } from '../core/windows/scan-advisories.ts';
import { selectUpdates } from '../core/windows/select-updates.ts';
import {
  formatWindowsUpdates,
  WINDOWS_UPDATES_PATH,
  type WindowsUpdate,
  type WindowsUpdatesHead,
} from '../core/windows/update-list.ts';
import type { CollectedContent, CollectRequest, ContentSource, MissingFile } from './content-source.ts';
import { downloadPath } from './fetch-file.ts';
import { hashFile, takePayload } from './microsoft-payload.ts';
import { readOfflineScan } from './read-offline-scan.ts';

const PAYLOADS = new Set(['.msu', '.cab', '.msp', '.exe']);
const FACTS = new Set(['catalogue.json', 'catalogue.csv']);
const SCAN = 'wsusscn2.cab';
/** Of a document that is read whole: a month of MSRC has 5 to 20 MB. */
const MAX_DOCUMENT = 256 * 1024 * 1024;
const MAX_FILES = 100_000;

interface Folder {
  readonly scan: string | null;
  readonly facts: readonly string[];
  readonly documents: readonly string[];
  readonly payloads: readonly string[];
}

/**
 * Microsoft's updates from a folder that a person filled: the files as the Update Catalog serves them, and beside them
 * what tells of them. `wsusscn2.cab` names titles, supersedence and digests; MSRC documents (CVRF, CSAF, pages of the
 * update guide) say which article fixes what; `catalogue.json` or `.csv` is for what neither knows.
 */
export class MicrosoftSource implements ContentSource {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async collect(request: CollectRequest): Promise<CollectedContent> {
    const { context, held, signal } = request;
    const folder = this.#list();
    mkdirSync(context.downloadDir, { recursive: true });
    request.onProgress({ phase: 'indexes', done: 0, total: 1 });
    const scan =
      folder.scan === null
        ? null
        : await readOfflineScan(join(this.#dir, folder.scan), {
            scratchDir: context.downloadDir,
            onProgress: (done, total) => request.onProgress({ phase: 'indexes', done, total }),
            ...(signal === undefined ? {} : { signal }),
          });
    const scanSha256 =
      folder.scan === null ? null : (await hashFile(join(this.#dir, folder.scan), signal)).sha256;
    const { fixes, statements, advisories } = this.#readDocuments(folder.documents);
    const facts = folder.facts.flatMap((name) => this.#readFacts(name));
    const payloads = await this.#takePayloads(folder.payloads, request);

    const joined = joinUpdates({ scanned: scan?.updates ?? [], fixes, facts, payloads });
    const selected = selectUpdates(joined.updates, request.needs.windows ?? []);
    const head = {
      date: context.now,
      scan: scanSha256 === null ? null : { sha256: scanSha256, createdAt: scan?.createdAt ?? null },
      notes: joined.notes,
    };
    const list = keepList(context.downloadDir, head, selected.updates);
    const objects: ManifestObject[] = [
      { ...list, class: 'index', path: WINDOWS_UPDATES_PATH },
      ...payloads.flatMap(({ sha256, size }): ManifestObject[] => {
        const path = joined.carried.get(sha256);
        return path === undefined ? [] : [{ sha256, size, class: 'package', path: `microsoft/${path}` }];
      }),
    ];
    const news = new Map(objects.flatMap((item) => (held.has(item.sha256) ? [] : [[item.sha256, item]])));
    const told = new Set(advisories.flatMap((advisory) => advisory.advisory ?? []));
    return {
      objects: [...news.values()],
      repositories: [
        {
          ecosystem: 'windows',
          ...WINDOWS_RELEASE,
          root: 'microsoft',
          suite: 'updates',
          component: '',
          arch: 'all',
          release: { path: WINDOWS_UPDATES_PATH, sha256: list.sha256 },
          index: { path: WINDOWS_UPDATES_PATH, sha256: list.sha256 },
        },
      ],
      releases: [
        {
          root: 'microsoft',
          suite: 'updates',
          releaseDate: scan?.createdAt ?? context.now,
          validUntil: null,
          signedBy: [],
        },
      ],
      advisories: [
        ...advisories,
        ...(scanSha256 === null
          ? []
          : advisoriesOfScan(selected.updates, told, { name: SCAN, sha256: scanSha256 })),
      ],
      statements,
      upgrades: selected.needed,
      additions: 0,
      alreadyHeld: objects.filter((item) => item.class === 'package' && held.has(item.sha256)).length,
      missing: joined.refused
        .map(({ payload, reason }): MissingFile => ({
          path: `microsoft/${payload.name.replaceAll(/[^\w.+~-]/g, '_')}`.slice(0, 1_024),
          sha256: payload.sha256,
          reason,
        }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      unmet: selected.unmet,
      withoutChangelog: [],
    };
  }

  #list(): Folder {
    let names: string[];
    try {
      names = readdirSync(this.#dir, { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? entry.name : [],
      );
    } catch (cause) {
      throw new CollectError('COLLECT_FOLDER_UNREADABLE', `The folder ${this.#dir} can't be read.`, {
        hint: 'Give the folder that holds Microsoft’s updates.',
        cause,
      });
    }
    if (names.length > MAX_FILES)
      throw new CollectError('COLLECT_FOLDER_UNREADABLE', `The folder ${this.#dir} has too many files.`);
    names.sort();
    const kindOf = (name: string): string => extname(name).toLowerCase();
    const isFacts = (name: string): boolean => FACTS.has(name.toLowerCase());
    const isScan = (name: string): boolean => name.toLowerCase() === SCAN;
    return {
      scan: names.find(isScan) ?? null,
      facts: names.filter(isFacts),
      documents: names.filter((name) => ['.json', '.xml'].includes(kindOf(name)) && !isFacts(name)),
      payloads: names.filter((name) => PAYLOADS.has(kindOf(name)) && !isScan(name)),
    };
  }

  #readText(name: string): { readonly text: string; readonly document: AdvisoryDocument } {
    const path = join(this.#dir, name);
    if (statSync(path).size > MAX_DOCUMENT)
      throw new CollectError('COLLECT_FOLDER_UNREADABLE', `${name} is larger than any such document.`, {
        subject: { file: name },
      });
    const bytes = readFileSync(path);
    return {
      text: nodeCrypto.decodeUtf8(bytes),
      document: { name: name.slice(0, 1_024), sha256: nodeCrypto.sha256(bytes) },
    };
  }

  #readFacts(name: string): readonly PayloadFacts[] {
    return parsePayloadFacts(this.#readText(name).text, name.toLowerCase());
  }

  #readDocuments(names: readonly string[]) {
    const fixes: MsrcFix[] = [];
    const statements: CveStatement[] = [];
    const advisories: Advisory[] = [];
    for (const name of names) {
      const { text, document } = this.#readText(name);
      const reading = readMsrcDocument(text, document);
      // One at a time: a month has more statements than arguments fit into a call.
      for (const fix of reading.fixes) fixes.push(fix);
      for (const statement of reading.statements) statements.push(statement);
      advisories.push(...advisoriesOfFixes(reading.fixes, document));
    }
    return { fixes, statements, advisories };
  }

  async #takePayloads(names: readonly string[], request: CollectRequest): Promise<HashedPayload[]> {
    const { context, signal } = request;
    const total = names.reduce((sum, name) => sum + statSync(join(this.#dir, name)).size, 0);
    let done = 0;
    request.onProgress({ phase: 'packages', done, total });
    const payloads: HashedPayload[] = [];
    for (const name of names) {
      const onBytes = (bytes: number): void => {
        done += bytes;
        request.onProgress({ phase: 'packages', done, total });
      };
      payloads.push(await takePayload(join(this.#dir, name), context.downloadDir, { onBytes, signal }));
    }
    return payloads;
  }
}

/** Writes the list to the download folder, line by line: it may have tens of megabytes. */
function keepList(
  downloadDir: string,
  head: Omit<WindowsUpdatesHead, 'format' | 'updates'>,
  updates: readonly WindowsUpdate[],
): { readonly sha256: string; readonly size: number } {
  const part = join(downloadDir, 'windows-updates.part');
  const hash = createHash('sha256');
  let size = 0;
  const fd = openSync(part, 'w', 0o600);
  try {
    for (const line of formatWindowsUpdates(head, updates)) {
      const bytes = Buffer.from(line);
      hash.update(bytes);
      size += bytes.length;
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    }
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  const sha256 = hash.digest('hex');
  const target = downloadPath(downloadDir, sha256);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(part, target);
  return { sha256, size };
}
