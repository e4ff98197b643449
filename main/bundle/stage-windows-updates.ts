import { createReadStream } from 'node:fs';
import type { BundledRepository } from '../core/bundle/contents.ts';
import type { ImportedRepository } from '../core/bundle/import-record.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import { WINDOWS_UPDATES_PATH, WindowsUpdatesReader } from '../core/windows/update-list.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import { refuse, sizeOf } from './staged-object.ts';

interface Ports {
  readonly catalogue: ImportCatalogue;
  readonly content: ImportContent;
}

const MAX_LIST_BYTES = 2 * 1024 ** 3;

/**
 * Steps 12 to 14 for Microsoft's updates: our own list is release file and index in one. Microsoft signs no list that a
 * site could hold it against; each file is vouched for by its digest in the list, and by Authenticode at the endpoint.
 *
 * @throws BundleError; nothing of it can be seen before the commit
 */
export async function stageWindowsUpdates(
  repository: BundledRepository,
  manifest: Manifest,
  ports: Ports,
  signal: AbortSignal | undefined,
): Promise<ImportedRepository> {
  const { index, release } = repository;
  if (index.path !== WINDOWS_UPDATES_PATH || release.path !== index.path || release.sha256 !== index.sha256) {
    throw refuse(
      'BUNDLE_METADATA_INVALID',
      index.path,
      'it is not where the list of Windows updates is kept',
      'The bundle was built wrongly.',
    );
  }
  const size = sizeOf(manifest, 'index', index, ports);
  if (size > MAX_LIST_BYTES)
    throw refuse('BUNDLE_TOO_LARGE', index.path, 'it is larger than it may be', 'Do not use this medium.');
  const date = await readList(index, ports, signal);
  const current = ports.catalogue.releaseDateOf(repository.root, repository.suite);
  if (current !== null && Date.parse(date) < Date.parse(current)) {
    throw refuse(
      'BUNDLE_ROLLBACK',
      index.path,
      `it is of ${date}, but this site already has that of ${current}`,
      'Import the bundles of a stream in their order.',
    );
  }
  return {
    ecosystem: 'windows',
    distribution: repository.distribution,
    codename: repository.codename,
    root: repository.root,
    suite: repository.suite,
    component: repository.component,
    arch: repository.arch,
    origin: 'Microsoft',
    label: '',
    releaseDate: date,
    validUntil: null,
    pin: 500,
    release: { ...release, size },
    index: { ...index, size },
  };
}

/** Reads the list into the catalogue, out of sight, where it is new. @returns its date */
async function readList(
  index: { readonly path: string; readonly sha256: string },
  { catalogue, content }: Ports,
  signal: AbortSignal | undefined,
): Promise<string> {
  const isNew = !catalogue.hasIndex(index.sha256);
  const reader = new WindowsUpdatesReader(index.path);
  const decoder = new TextDecoder('utf-8', { fatal: false });
  if (isNew) catalogue.beginIndex(index.sha256);
  for await (const chunk of createReadStream(content.pathOf(index.sha256), { highWaterMark: 1024 * 1024 })) {
    signal?.throwIfAborted();
    const updates = reader.write(decoder.decode(chunk as Uint8Array, { stream: true }));
    if (isNew) catalogue.appendWindowsUpdates(index.sha256, updates);
    else if (reader.date !== null) return reader.date;
  }
  const head = reader.end();
  if (isNew) catalogue.finishIndex(index.sha256);
  return head.date;
}
