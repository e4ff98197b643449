import { BundleError } from '../../../contract/errors.ts';
import { parseStanzas } from './stanza.ts';

/** What a repository's signed Release file says. */
export interface Release {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly version: string;
  /** ISO-8601, UTC. */
  readonly date: string;
  /** ISO-8601, UTC; `null` when the vendor gives none. */
  readonly validUntil: string | null;
  readonly acquireByHash: boolean;
  /** Repositories that apt never takes a newer version from by itself (backports, experimental). */
  readonly notAutomatic: boolean;
  readonly butAutomaticUpgrades: boolean;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** Path below the suite to SHA-256 (lower-case hex) and size in bytes. */
  readonly files: ReadonlyMap<string, { readonly sha256: string; readonly size: number }>;
}

const BEGIN_SIGNED = '-----BEGIN PGP SIGNED MESSAGE-----';
const BEGIN_SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END_SIGNATURE = '-----END PGP SIGNATURE-----';

const unreadable = (file: string, why: string): BundleError =>
  new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file}: ${why}.`, {
    hint: 'The file is not what a repository serves. Build the bundle again.',
    subject: { file },
  });

/**
 * The text that a clear-signed file signs (RFC 9580 §7). Strict, because what surrounds the signed part is not covered
 * by the signature: the file must begin with the signed message and end with its one signature.
 *
 * @param file name for messages
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export function extractSignedText(text: string, file: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  while (lines.at(-1) === '') lines.pop();
  if (lines[0] !== BEGIN_SIGNED) throw unreadable(file, 'it does not begin with a signed message');
  const signature = lines.indexOf(BEGIN_SIGNATURE);
  if (signature < 0 || lines.indexOf(END_SIGNATURE) !== lines.length - 1) {
    throw unreadable(file, 'it does not end with exactly one signature block');
  }
  if (lines.indexOf(BEGIN_SIGNED, 1) >= 0 || lines.indexOf(BEGIN_SIGNATURE, signature + 1) >= 0) {
    throw unreadable(file, 'it holds more than one signed message');
  }
  const blank = lines.indexOf('');
  if (
    blank < 0 ||
    blank > signature ||
    lines.slice(1, blank).some((line) => !/^Hash: [A-Za-z0-9, -]+$/.test(line))
  ) {
    throw unreadable(file, 'the header of its signed message is malformed');
  }
  return lines
    .slice(blank + 1, signature)
    .map((line) => (line.startsWith('- ') ? line.slice(2) : line))
    .join('\n');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sat, 11 Jul 2026 10:16:37 UTC` to ISO-8601; `null` when it is no such date. Release dates are in UTC by policy. */
export function parseReleaseDate(text: string): string | null {
  const match =
    /^(?:[A-Z][a-z]{2}, +)?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) +(\d{1,2}):(\d{2}):(\d{2}) (?:UTC|GMT|Z|\+0000)$/.exec(
      text.trim(),
    );
  if (match === null) return null;
  const month = MONTHS.indexOf(match[2] ?? '');
  if (month < 0) return null;
  const [day, year, hour, minute, second] = [match[1], match[3], match[4], match[5], match[6]].map(Number);
  return new Date(Date.UTC(year ?? 0, month, day, hour, minute, second)).toISOString();
}

/**
 * Reads the signed text of a Release file.
 *
 * @param text what {@link extractSignedText} returned, or a plain Release file
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export function parseRelease(text: string, file: string): Release {
  const stanza = parseStanzas(text)[0];
  const date = parseReleaseDate(stanza?.get('date') ?? '');
  if (stanza === undefined || date === null) throw unreadable(file, 'it carries no readable date');
  const until = stanza.get('valid-until');
  const validUntil = until === undefined ? null : parseReleaseDate(until);
  if (until !== undefined && validUntil === null) throw unreadable(file, 'its Valid-Until is not readable');
  const files = new Map<string, { sha256: string; size: number }>();
  for (const line of (stanza.get('sha256') ?? '').split('\n')) {
    if (line.trim() === '') continue;
    const match = /^([0-9a-f]{64})\s+(\d+)\s+(\S+)$/.exec(line.trim());
    if (match === null) throw unreadable(file, 'its list of SHA-256 sums is malformed');
    files.set(match[3] ?? '', { sha256: match[1] ?? '', size: Number(match[2]) });
  }
  if (files.size === 0) throw unreadable(file, 'it lists no SHA-256 sums');
  const words = (name: string): string[] =>
    (stanza.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
  const isYes = (name: string): boolean => stanza.get(name)?.toLowerCase() === 'yes';
  return {
    origin: stanza.get('origin') ?? '',
    label: stanza.get('label') ?? '',
    suite: stanza.get('suite') ?? '',
    codename: stanza.get('codename') ?? '',
    version: stanza.get('version') ?? '',
    date,
    validUntil,
    acquireByHash: isYes('acquire-by-hash'),
    notAutomatic: isYes('notautomatic'),
    butAutomaticUpgrades: isYes('butautomaticupgrades'),
    components: words('components'),
    architectures: words('architectures'),
    files,
  };
}
