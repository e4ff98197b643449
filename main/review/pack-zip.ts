import { slug } from './slug.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zip } from 'fflate';
import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import { ContractError } from '../../contract/errors.ts';
import { markingText } from '../../contract/marking.ts';
import { fingerprintGroups, fingerprintWords } from '../bundle/fingerprint.ts';
import { REVIEW_LIMITS } from '../core/review/judge-decision.ts';
import { parsePack, type PackHead, type ReviewPack } from '../core/review/review-pack.ts';
import { sheetOf } from '../core/review/sheet.ts';
import { formatSshKey, formatSshSignature, PACK_NAMESPACE, sshMessage } from '../core/review/sshsig.ts';
import { reviewCrypto } from './node-crypto.ts';
import { keyFingerprint } from './public-key.ts';
import { formatCsv, formatXlsx } from './sheet-files.ts';
import type { ZipLimits } from './zip-reader.ts';

/** A review pack as one file for the media: the signed envelope, and the same list in every form that a customer may ask for. */

/** The one entry that a reader of ours takes from it. */
export const PACK_ENTRY = 'pack.json';
export const PAGE_ENTRY = 'review.html';

export const PACK_ZIP: ZipLimits = {
  /** The page holds the envelope once more. */
  file: 4 * REVIEW_LIMITS.bytes,
  entries: 32,
  entry: 2 * REVIEW_LIMITS.bytes,
  total: 6 * REVIEW_LIMITS.bytes,
  ratio: 100,
};

/** Where the build puts the page, seen from a bundle and from the sources. */
// The engine is bundled as CommonJS, where there is no `import.meta`.
const HERE = typeof __dirname === 'string' ? __dirname : import.meta.dirname;
const PAGES = [join(HERE, '..', 'page', 'review.html'), join(HERE, '..', '..', 'out', 'page', 'review.html')];
const PLACEHOLDER = '<!--sallyport:pack-->';

export interface SigningKey {
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  sign(message: Uint8Array): Uint8Array;
}

/** `northfield-trust-ministry-of-maps-2026-11-24.sallyport-pack.zip` */
export function packFileName(pack: Pick<PackHead, 'siteName' | 'customer' | 'createdAt'>): string {
  const parts = [slug(pack.siteName) || 'site', slug(pack.customer), pack.createdAt.slice(0, 10)];
  return `${parts.filter((part) => part !== '').join('-')}.sallyport-pack.zip`;
}

/** What a pack's files are made of. */
export interface PackSource {
  /** The canonical text of the pack. */
  readonly payload: Uint8Array;
  /** Of the payload. */
  readonly sha256: string;
  /** The signed pack, as its own file would be. */
  readonly envelope: string;
  /** Of the site. */
  readonly publicKey: string;
  /** The page for browsers, which holds no pack yet. */
  readonly page: string;
}

/** The files of a pack by name, without their sums. */
export async function packEntries(
  { payload, sha256, envelope, publicKey, page }: PackSource,
  onFile: (name: string) => void = () => undefined,
): Promise<Record<string, Uint8Array>> {
  const pack = parsePack(reviewCrypto.decodeUtf8(payload), 'the pack');
  const rows = sheetOf(pack, sha256);
  const utf8 = reviewCrypto.encodeUtf8;
  const made: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
    [PACK_ENTRY]: () => utf8(envelope),
    [PAGE_ENTRY]: () => utf8(formatPage(page, envelope)),
    'patches.csv': () => utf8(formatCsv(rows)),
    'patches.xlsx': async () => new Uint8Array(await formatXlsx(rows, 'Patches', pack.marking)),
    'READ-ME.txt': () => utf8(readMe(pack, publicKey)),
    'site-key.pub': () => utf8(formatSshKey(publicKey, `site key of ${pack.siteName}`, reviewCrypto)),
  };
  const entries: Record<string, Uint8Array> = {};
  for (const [name, make] of Object.entries(made)) {
    onFile(name);
    entries[name] = await make();
  }
  return entries;
}

/**
 * Adds the signed sums and packs everything. Packing goes on in threads; a key signs here alone.
 *
 * @param createdAt of the pack
 * @throws the signal's reason
 */
export function zipEntries(
  entries: Readonly<Record<string, Uint8Array>>,
  createdAt: string,
  key: SigningKey,
  signal?: AbortSignal,
): Promise<Buffer> {
  const utf8 = reviewCrypto.encodeUtf8;
  const sums = utf8(
    Object.entries(entries)
      .map(([name, bytes]) => `${reviewCrypto.sha256(bytes)}  ${name}\n`)
      .join(''),
  );
  const signature = key.sign(sshMessage(PACK_NAMESPACE, 'sha512', sums, reviewCrypto));
  const files = {
    ...entries,
    SHA256SUMS: sums,
    'SHA256SUMS.sig': utf8(formatSshSignature(key.publicKey, PACK_NAMESPACE, signature, reviewCrypto)),
  };
  // Without the hour: ZIP has no time zone, and the pack itself says when it was made.
  const mtime = new Date(`${createdAt.slice(0, 10)}T12:00:00`);
  return new Promise((resolve, reject) => {
    const stop = zip(files, { level: 6, mtime }, (error, bytes) => {
      signal?.removeEventListener('abort', abort);
      if (error === null) resolve(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      else reject(error);
    });
    const abort = (): void => {
      stop();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}

/** Puts the envelope into the page. Base64 and JSON need no `<`, and where a name holds one it is written as JSON allows. */
export function formatPage(template: string, envelope: string): string {
  const data = envelope.trim().replaceAll('<', '\\u003c');
  // A function, because a replacement text would have `$` in it understood.
  return template.replace(
    PLACEHOLDER,
    () => `<script type="application/json" id="sallyport-pack">${data}</script>`,
  );
}

/** The page for browsers. @throws ContractError CONTENT_MISSING when this installation has none */
export function readPage(): string {
  for (const path of PAGES) {
    try {
      const template = readFileSync(path, 'utf8');
      if (template.includes(PLACEHOLDER)) return template;
    } catch {
      // The next place, or none.
    }
  }
  throw new ContractError('CONTENT_MISSING', 'This installation does not have the page for browsers.', {
    hint: 'Install Sallyport again; from its sources run: npm run build. A pack whose name ends in .json needs no page.',
  });
}

/** What somebody who has nothing but the file needs to know. */
export function readMe(pack: ReviewPack, publicKey: string): string {
  const fingerprint = keyFingerprint(publicKey);
  const marking = markingText(pack.marking);
  const words = fingerprintWords(fingerprint);
  const lines = [0, 6, 12, 18].map((from) => `    ${words.slice(from, from + 6).join(' ')}`);
  return [
    marking,
    '',
    `${pack.siteName} asks${pack.customer === '' ? '' : ` ${pack.customer}`} to decide on ${pack.patches.length} patches,`,
    `at the latest on ${pack.cutOffAt.slice(0, 10)} at ${pack.cutOffAt.slice(11, 16)} UTC.`,
    '',
    ...(pack.singleOperator ? [SINGLE_OPERATOR, ''] : []),
    'FIRST: IS THIS FROM THE SITE?',
    '',
    'A browser shows what a page says, also about itself. Whoever could write to this medium could put',
    'another page in the place of review.html, one that shows the right words and takes your key; and',
    'another text in the place of this one. So check before you open it, by the steps that the site gave',
    'you by letter or telephone, in one of these ways:',
    '',
    'A. The site told you the SHA-256 of review.html of this pack. Compute it and compare:',
    '       certutil -hashfile review.html SHA256      (Windows)',
    '       shasum -a 256 review.html                  (macOS)',
    '       sha256sum review.html                      (Linux)',
    'B. The site told you the fingerprint of its key. With tools that are not ours, in the unpacked folder:',
    "       awk '{print $2}' site-key.pub | base64 -d | tail -c 32 | sha256sum",
    '         (must print that fingerprint)',
    '       echo "site $(cat site-key.pub)" > allowed_signers',
    `       ssh-keygen -Y verify -f allowed_signers -I site -n ${PACK_NAMESPACE} -s SHA256SUMS.sig < SHA256SUMS`,
    '       sha256sum -c SHA256SUMS',
    'C. Use the Review workspace of Sallyport, which did not come on this medium. Where nobody can say who',
    '   had the medium in hand, use it and not the page.',
    '',
    'THEN (choose one)',
    '',
    '1. Open this ZIP file, as it is, in the Review workspace of Sallyport.',
    '2. Or unpack this folder and open review.html in a browser. Nothing is installed, nothing is sent.',
    '   Compare the words it shows with the words that the site told you by telephone or letter.',
    '   Decide, sign with your key, and give the decision file that it saves back to the site.',
    '3. Or fill in patches.xlsx or patches.csv and send it back. A spreadsheet carries no signature:',
    '   a person at the site has to countersign it, and it is marked as unsigned for ever.',
    '',
    'THE FINGERPRINT OF THE KEY IN THIS PACK',
    '',
    'It says something only once you have compared it with what the site told you:',
    '',
    `    ${fingerprintGroups(fingerprint)}`,
    '',
    'or in words:',
    '',
    ...lines,
    '',
    marking,
    '',
  ].join('\r\n');
}
