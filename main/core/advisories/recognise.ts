import type { Advisory } from '../advisory.ts';
import { parseTracker } from '../apt/tracker.ts';
import { readCsaf } from './csaf.ts';
import { readCveList } from './cve-list.ts';
import { readDsaList } from './dsa-list.ts';
import { readOsv } from './osv.ts';
import {
  invalidDocument,
  type AdvisoryDocument,
  type AdvisoryReading,
  type WantedRelease,
} from './reading.ts';
import { readUsnDatabase } from './usn.ts';

const WHAT =
  'an advisory document that is known here: Debian’s tracker (JSON), its lists of CVEs or of DSAs, Ubuntu’s USN database, OSV 1, or CSAF 2.0';

/**
 * Reads a vendor's advisory document, whichever it is: told by its content, never by its name.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readAdvisoryDocument(
  text: string,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  const start = text.slice(0, 4_096).trimStart();
  if (/^\[\d{1,2} [A-Z][a-z]{2} \d{4}\] D[SL]A-/.test(start)) return readDsaList(text, wanted, document);
  if (start.startsWith('{') || start.startsWith('[')) return readJson(text, wanted, document);
  if (/^CVE-\d{4}-/.test(start)) return readCveList(text, wanted, document);
  throw invalidDocument(document, WHAT);
}

function readJson(
  text: string,
  wanted: readonly WantedRelease[],
  document: AdvisoryDocument,
): AdvisoryReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidDocument(document, 'JSON that can be read');
  }
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(first)) throw invalidDocument(document, WHAT);
  if (isObject(first.document) && 'csaf_version' in first.document) return readCsaf(value, wanted, document);
  if ('modified' in first && 'id' in first) return readOsv(value, wanted, document);
  const [entry] = Object.values(first);
  if (isObject(entry) && 'releases' in entry && 'timestamp' in entry)
    return readUsnDatabase(value, wanted, document);
  if (isObject(entry) && Object.values(entry).every((item) => isObject(item) && 'releases' in item)) {
    const advisories = wanted
      .filter((release) => release.distribution === 'debian')
      .flatMap((release): Advisory[] => parseTracker(text, release, document));
    return { advisories, statements: [] };
  }
  throw invalidDocument(document, WHAT);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
