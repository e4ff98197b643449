import { graverSeverity, type Advisory, type Severity } from '../advisory.ts';
import { MAX_TITLE, type AdvisoryDocument } from '../advisories/reading.ts';
import { EVERY_FILE, WINDOWS_RELEASE } from './msrc.ts';
import type { WindowsUpdate } from './update-list.ts';

/**
 * What the scan file says of articles that no MSRC document at hand tells of: title, Microsoft's severity, that it is a
 * security update. CVEs it does not name.
 *
 * @param told articles that are told of elsewhere
 */
export function advisoriesOfScan(
  updates: readonly WindowsUpdate[],
  told: ReadonlySet<string>,
  document: AdvisoryDocument,
): Advisory[] {
  const byArticle = new Map<string, WindowsUpdate[]>();
  for (const update of updates) {
    if (update.kb === null || told.has(update.kb)) continue;
    const isSecurity = update.classification === 'Security Updates' || update.severity !== 'not stated';
    if (!isSecurity) continue;
    const known = byArticle.get(update.kb);
    if (known === undefined) byArticle.set(update.kb, [update]);
    else known.push(update);
  }
  return [...byArticle].map(([kb, own]): Advisory => ({
    id: `wsusscn2:${kb}`,
    advisory: kb,
    type: 'security',
    ecosystem: 'windows',
    ...WINDOWS_RELEASE,
    source: kb,
    of: 'binary',
    fixedVersion: EVERY_FILE,
    urgency: null,
    severity: own.reduce<Severity>((worst, item) => graverSeverity(worst, item.severity), 'not stated'),
    cves: [],
    title: (own[0]?.title ?? kb).slice(0, MAX_TITLE),
    body: own[0]?.description ?? '',
    publishedAt: own.flatMap((item) => item.createdAt ?? []).sort()[0] ?? null,
    provenance: { kind: 'msrc', document: document.name, sha256: document.sha256 },
  }));
}
