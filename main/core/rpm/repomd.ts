import { isSafePath } from '../bundle/logical-path.ts';
import { RpmXmlDocument, unreadable, wholeNumber } from './xml-document.ts';

/** One file of a repository's metadata, as `repomd.xml` names it. */
export interface RepomdFile {
  /** `primary`, `updateinfo`, `modules`, `filelists` ... */
  readonly type: string;
  /** Below the folder that holds `repodata`. */
  readonly path: string;
  /** Of the file as it is served. */
  readonly checksum: RpmChecksum;
  readonly size: number;
  /** Of what it unpacks to; the same as above for a file that is not compressed. */
  readonly openChecksum: RpmChecksum;
  readonly openSize: number;
}

/** Sums that vouch for a file, by the number of hexadecimal digits. Older ones (`sha`, `md5`) vouch for nothing. */
const SUMS = { sha256: 64, sha512: 128 } as const;

export interface RpmChecksum {
  readonly algorithm: keyof typeof SUMS;
  /** Lower case, hexadecimal. */
  readonly digest: string;
}

export interface Repomd {
  /** ISO-8601: the newest time that it gives for one of its files. It states no date of its own. */
  readonly date: string;
  readonly files: ReadonlyMap<string, RepomdFile>;
}

const MAX_FILES = 256;

/**
 * Reads `repomd.xml`, the root of an RPM repository: it names every other file by size and checksum. Files whose
 * checksum is neither SHA-256 nor SHA-512 are left out, as if they were not there: older sums vouch for nothing.
 *
 * Written after what createrepo_c(8) writes.
 *
 * @param file name for messages
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export function parseRepomd(text: string, file: string): Repomd {
  const files = new Map<string, RepomdFile>();
  let type = '';
  let fields = new Map<string, string>();
  let newest = 0;
  const document = new RpmXmlDocument(file, {
    open(name, attributes) {
      if (name === 'data') {
        type = attributes['type'] ?? '';
        fields = new Map();
      } else if (name === 'location') fields.set('location', attributes['href'] ?? '');
      else if (name.endsWith('checksum')) fields.set(`${name} type`, attributes['type'] ?? '');
    },
    close(name, content) {
      if (name !== 'data') {
        if (name !== 'location') fields.set(name, content.trim());
        return;
      }
      if (files.size >= MAX_FILES) throw unreadable(file, 'it names too many files');
      newest = Math.max(newest, Math.trunc(Number(fields.get('timestamp') ?? 0)) || 0);
      const found = toFile(type, fields);
      if (found !== null && !files.has(type)) files.set(type, found);
    },
  });
  document.write(text);
  document.end();
  if (newest > 253_402_300_799) throw unreadable(file, 'its time is none');
  return { date: new Date(newest * 1_000).toISOString(), files };
}

function toFile(type: string, fields: ReadonlyMap<string, string>): RepomdFile | null {
  const sumOf = (name: string): RpmChecksum | null => {
    const digest = fields.get(name) ?? '';
    const algorithm = fields.get(`${name} type`);
    if (algorithm !== 'sha256' && algorithm !== 'sha512') return null;
    return /^[0-9a-f]+$/.test(digest) && digest.length === SUMS[algorithm] ? { algorithm, digest } : null;
  };
  const path = fields.get('location') ?? '';
  const checksum = sumOf('checksum');
  const size = wholeNumber(fields.get('size'));
  if (checksum === null || size === null || !isSafePath(path)) return null;
  const isPacked = fields.has('open-checksum');
  const openChecksum = isPacked ? sumOf('open-checksum') : checksum;
  const openSize = isPacked ? wholeNumber(fields.get('open-size')) : size;
  if (openChecksum === null || openSize === null) return null;
  return { type, path, checksum, size, openChecksum, openSize };
}
