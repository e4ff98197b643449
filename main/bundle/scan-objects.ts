import { basename } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import type { MalwareSummary, MalwareVerdict } from '../core/bundle/checks.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import type { MalwareScanner } from './malware-scanner.ts';

const notScanned = (reason: string): MalwareSummary => ({
  status: 'not-scanned',
  engine: null,
  database: null,
  scanned: 0,
  tooLarge: 0,
  reason,
});

/**
 * Between copy and commit: looks for malware in objects that are new to the site. A verdict is kept by the object's hash
 * and the version of the database, so nothing is looked into twice by the same one. What is infected leaves the content
 * store for the quarantine, and the bundle is refused.
 *
 * @throws BundleError BUNDLE_INFECTED, BUNDLE_SCAN_FAILED
 */
export async function scanObjects(
  manifest: Manifest,
  ports: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
  scanner: MalwareScanner | undefined,
  now: string,
  signal: AbortSignal | undefined,
): Promise<MalwareSummary> {
  const { catalogue, content } = ports;
  if (scanner === undefined) return notScanned('no scanner was given');
  const objects = [...new Map(manifest.objects.map((item) => [item.sha256, item])).values()];
  const isHere = ({ sha256, size }: { sha256: string; size: number }): boolean => content.has(sha256, size);
  scanner.addDatabases(
    objects
      .filter((item) => item.class === 'malware-database' && isHere(item))
      .map((item) => ({ name: basename(item.path), file: content.pathOf(item.sha256) })),
  );
  const engine = await scanner.open();
  if ('reason' in engine) return notScanned(engine.reason);

  const fresh = objects.filter(
    (item) => item.class !== 'malware-database' && isHere(item) && catalogue.sizeOfHeld(item.sha256) === null,
  );
  const known = catalogue.knownVerdicts(engine.engine, engine.database);
  const small = fresh.filter((item) => item.size <= engine.maxBytes);
  const wanted = small.filter((item) => known.get(item.sha256) !== 'clean');
  const shaByFile = new Map(wanted.map((item) => [content.pathOf(item.sha256), item.sha256]));
  const found = wanted.length === 0 ? [] : await engine.scan([...shaByFile.keys()], signal);
  const signatures = new Map(found.map(({ file, signature }) => [shaByFile.get(file) ?? '', signature]));
  catalogue.recordVerdicts(
    engine,
    wanted.map(({ sha256 }): MalwareVerdict => {
      const signature = signatures.get(sha256) ?? null;
      return { sha256, verdict: signature === null ? 'clean' : 'infected', signature };
    }),
    now,
  );
  const infected = wanted.filter((item) => signatures.has(item.sha256));
  for (const { sha256 } of infected) content.quarantine(sha256);
  const [first] = infected;
  if (first !== undefined) {
    throw new BundleError(
      'BUNDLE_INFECTED',
      `${first.path} is infected: ${engine.engine} found ${signatures.get(first.sha256) ?? ''}${infected.length > 1 ? `, and ${infected.length - 1} more objects are infected` : ''}.`,
      {
        hint: 'Nothing was imported. The file is in quarantine. Keep the medium for whoever looks into it, and do not use it.',
        subject: { file: first.path, sha256: first.sha256, signature: signatures.get(first.sha256) ?? '' },
      },
    );
  }
  return {
    status: 'clean',
    engine: engine.engine,
    database: engine.database,
    scanned: wanted.length,
    tooLarge: fresh.length - small.length,
    reason: null,
  };
}
