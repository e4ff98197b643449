import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import type { Advisory } from '../core/advisory.ts';
import type { BundledRepository } from '../core/bundle/contents.ts';
import type { ImportedRepository, RepositoryFileRecord } from '../core/bundle/import-record.ts';
import { parseModules, type ModuleFacts } from '../core/rpm/modules.ts';
import { PrimaryReader, type RpmRecord } from '../core/rpm/primary.ts';
import { parseRepomd, type Repomd, type RepomdFile, type RpmChecksum } from '../core/rpm/repomd.ts';
import { UpdateinfoReader } from '../core/rpm/updateinfo.ts';
import { compressionOf, decompress } from './decompress.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import { decodeText } from './decode-text.ts';
import { refuse, sizeOf } from './staged-object.ts';

interface Ports {
  readonly catalogue: ImportCatalogue;
  readonly content: ImportContent;
}

const BATCH = 5_000;
/** A repomd.xml has some kilobytes, a modules document some megabytes. */
const MAX_REPOMD_BYTES = 4 * 1024 * 1024;
const MAX_MODULES_BYTES = 256 * 1024 * 1024;
const MAX_ADVISORIES = 1_000_000;

/**
 * Steps 12 to 14 for a repository of RPM packages: `repomd.xml` stands where an archive of Debian's kind has its release
 * file, and names its index (`primary`), its advisories (`updateinfo`) and its module streams by size and SHA-256 or
 * SHA-512.
 *
 * @throws BundleError; nothing of it can be seen before the commit
 */
export async function stageRpmRepository(
  repository: BundledRepository,
  manifest: Parameters<typeof sizeOf>[0],
  ports: Ports,
  signal: AbortSignal | undefined,
): Promise<ImportedRepository> {
  const { release, index } = repository;
  const base = `${repository.root}/${repository.suite}`;
  const releaseSize = sizeOf(manifest, 'release', release, ports);
  const indexSize = sizeOf(manifest, 'index', index, ports);
  if (release.path !== `${base}/repodata/repomd.xml`) {
    throw refuse(
      'BUNDLE_METADATA_INVALID',
      release.path,
      'it is not where its repository keeps its repomd.xml',
      'The bundle was built wrongly.',
    );
  }
  const repomd = readRepomd(repository, releaseSize, ports);
  const named = async (
    kind: string,
    file: { path: string; sha256: string },
    size: number,
  ): Promise<RepomdFile> => {
    const found = repomd.files.get(kind);
    if (
      found === undefined ||
      `${base}/${found.path}` !== file.path ||
      (await digestOf(file, found.checksum.algorithm, ports.content)) !== found.checksum.digest
    ) {
      throw refuse(
        'BUNDLE_HASH_MISMATCH',
        file.path,
        `${release.path} names another file as its ${kind}`,
        'Files of two states of the repository were mixed. Ask for a new bundle.',
      );
    }
    if (found.size !== size)
      throw refuse(
        'BUNDLE_SIZE_MISMATCH',
        file.path,
        'it has another size than named',
        'Ask for a new bundle.',
      );
    return found;
  };
  const primary = await named('primary', index, indexSize);
  if (!ports.catalogue.hasIndex(index.sha256)) await readPrimary(index, primary, ports, signal);

  const files: RepositoryFileRecord[] = [];
  const advisories: Advisory[] = [];
  let modules: { document: string; facts: ModuleFacts } | null = null;
  for (const file of repository.files ?? []) {
    const size = sizeOf(manifest, file.kind === 'signature' ? 'release' : 'index', file, ports);
    files.push({ ...file, size });
    // Held against the keys that the site has pinned once all is staged: see check-vendor-signatures.
    if (file.kind === 'signature') continue;
    const listed = await named(file.kind, file, size);
    if (ports.catalogue.hasRepositoryFile(file.sha256)) continue;
    if (file.kind === 'updateinfo') {
      const reader = new UpdateinfoReader({ ...repository, document: file.path, sha256: file.sha256 });
      await readVerified(file, listed, ports.content, signal, (text) => {
        // One at a time: a large document has more statements than arguments fit into a call.
        for (const advisory of reader.write(text)) advisories.push(advisory);
        if (advisories.length > MAX_ADVISORIES)
          throw refuse(
            'BUNDLE_TOO_LARGE',
            file.path,
            'it has too many advisories',
            'Do not use this medium.',
          );
      });
      reader.end();
    } else {
      if (listed.openSize > MAX_MODULES_BYTES)
        throw refuse('BUNDLE_TOO_LARGE', file.path, 'it is larger than it may be', 'Do not use this medium.');
      const pieces: string[] = [];
      await readVerified(file, listed, ports.content, signal, (text) => pieces.push(text));
      modules = { document: file.sha256, facts: parseModules(pieces.join(''), file.path) };
    }
  }
  return {
    ecosystem: 'rpm',
    distribution: repository.distribution,
    codename: repository.codename,
    root: repository.root,
    suite: repository.suite,
    component: repository.component,
    arch: repository.arch,
    origin: repository.distribution,
    label: '',
    releaseDate: repomd.date,
    validUntil: null,
    pin: 500,
    release: { ...release, size: releaseSize },
    index: { ...index, size: indexSize },
    files,
    advisories,
    modules,
  };
}

/** The copy held it against its SHA-256 already; a vendor's other sum is computed. */
async function digestOf(
  file: { readonly sha256: string },
  algorithm: RpmChecksum['algorithm'],
  content: ImportContent,
): Promise<string> {
  if (algorithm === 'sha256') return file.sha256;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(content.pathOf(file.sha256), { highWaterMark: 256 * 1024 }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Step 12. It has no expiry; going back to an older state is refused by the times that it gives for its files. */
function readRepomd(repository: BundledRepository, size: number, { catalogue, content }: Ports): Repomd {
  const { path, sha256 } = repository.release;
  if (size > MAX_REPOMD_BYTES)
    throw refuse('BUNDLE_TOO_LARGE', path, 'it is larger than any repomd.xml', 'Do not use this medium.');
  const repomd = parseRepomd(
    decodeText(readFileSync(content.pathOf(sha256)), path, 'BUNDLE_CONTENT_UNREADABLE'),
    path,
  );
  const current = catalogue.releaseDateOf(repository.root, repository.suite);
  if (current !== null && Date.parse(repomd.date) < Date.parse(current)) {
    throw refuse(
      'BUNDLE_ROLLBACK',
      path,
      `it is of ${repomd.date}, but this site already has that of ${current}`,
      'The mirror it was built from is stale. Build from a current one.',
    );
  }
  return repomd;
}

async function readPrimary(
  index: { readonly path: string; readonly sha256: string },
  listed: RepomdFile,
  { catalogue, content }: Ports,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = new PrimaryReader(index.path, { relations: false });
  const records: RpmRecord[] = [];
  catalogue.beginIndex(index.sha256);
  await readVerified(index, listed, content, signal, (text) => {
    for (const record of reader.write(text)) records.push(record);
    if (records.length >= BATCH) catalogue.appendToIndex(index.sha256, records.splice(0), 'rpm');
  });
  reader.end();
  catalogue.appendToIndex(index.sha256, records, 'rpm');
  catalogue.finishIndex(index.sha256);
}

/** Steps 13 and 14: unpacks within the named size, hands on text, compares the sum of what came out at the end. */
async function readVerified(
  file: { readonly path: string; readonly sha256: string },
  listed: RepomdFile,
  content: ImportContent,
  signal: AbortSignal | undefined,
  take: (text: string) => void,
): Promise<void> {
  const hash = createHash(listed.openChecksum.algorithm);
  const decoder = new TextDecoder('utf-8');
  let size = 0;
  const limits = { maxBytes: listed.openSize };
  for await (const chunk of decompress(
    content.pathOf(file.sha256),
    compressionOf(file.path),
    limits,
    file.path,
  )) {
    signal?.throwIfAborted();
    hash.update(chunk);
    size += chunk.length;
    take(decoder.decode(chunk, { stream: true }));
  }
  take(decoder.decode());
  if (size !== listed.openSize || hash.digest('hex') !== listed.openChecksum.digest) {
    throw refuse(
      'BUNDLE_HASH_MISMATCH',
      file.path,
      'what it unpacks to is not what repomd.xml names',
      'Do not use this medium.',
    );
  }
}
