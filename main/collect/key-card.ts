import { fingerprintGroups, fingerprintWords } from '../bundle/fingerprint.ts';
import type { KeyStatus } from './key-status.ts';
import { writeDurably } from './sealed-key.ts';

/** The card that is printed after a ceremony: one page for the sites, one for each keyholder. Holds no secret. */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
const day = (instant: string): string => instant.slice(0, 10);

const STYLE = `
  body { font: 12pt/1.5 system-ui, sans-serif; color: #000; background: #fff; margin: 20mm; }
  section { break-after: page; max-width: 170mm; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 8mm; }
  .digits { font: 13pt/1.8 monospace; }
  ol.words { columns: 4; font: 13pt/1.7 monospace; }
  td, th { text-align: left; padding: 1mm 6mm 1mm 0; }
  .line { border-bottom: 1px solid #000; height: 12mm; }`;

/** A page of HTML with no script and nothing from elsewhere; prints on A4 and Letter. */
export function formatKeyCard(status: KeyStatus, made: string): string {
  const holders = status.keys.filter(({ use }) => use === 'root');
  const words = fingerprintWords(status.fingerprint).map((word) => `<li>${word}</li>`);
  const fingerprint = `
    <p class="digits">${fingerprintGroups(status.fingerprint)}</p>
    <p>or in words:</p>
    <ol class="words">${words.join('')}</ol>`;
  const rows = status.keys.map(
    (key) =>
      `<tr><td>${text(key.name)}</td><td>${key.use}</td><td class="digits">${key.keyId.slice(0, 16)}</td><td>${day(key.replaceBy)}</td></tr>`,
  );
  const site = `<section>
    <h1>Root of trust for Sallyport bundles</h1>
    <p>Made on ${day(made)}. ${status.threshold} of ${holders.length} keyholders sign a change.</p>
    <h2>Fingerprint of the first root</h2>
    <p>Read it out by telephone, or send it by post. Never with the media that carry the bundles.
    The site compares every group, or every word, before it pins the root.</p>
    ${fingerprint}
    <h2>Keys</h2>
    <table><tr><th>Name</th><th>For</th><th>Key id begins</th><th>Replace by</th></tr>${rows.join('')}</table>
  </section>`;
  const pages = holders.map(
    (holder) => `<section>
    <h1>Keyholder: ${text(holder.name)}</h1>
    <p>Your medium holds one of ${holders.length} root keys, sealed with your passphrase. ${status.threshold} keyholders together can change
    whom all sites trust. Alone it can do nothing.</p>
    <h2>Keep</h2>
    <p>the medium in a safe place that no other keyholder uses, the passphrase apart from it. Plug it into no other machine than the one where roots are signed.</p>
    <h2>Once a year</h2>
    <p>rehearse: <code>sallyport keys rehearse &lt;folder of the medium&gt;</code>. If it does not open, say so while the others can replace it.</p>
    <h2>Lost or stolen</h2>
    <p>Tell the others at once. They replace your key: <code>sallyport keys revoke</code>.</p>
    <h2>Key id</h2><p class="digits">${fingerprintGroups(holder.keyId)}</p>
    <h2>Fingerprint of the first root</h2>${fingerprint}
    <h2>Received, with a passphrase of my own</h2><div class="line"></div>
  </section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Root of trust</title><style>${STYLE}</style></head>
<body>${site}${pages.join('')}</body></html>
`;
}

export function writeKeyCard(file: string, status: KeyStatus, made: string): void {
  writeDurably(file, formatKeyCard(status, made));
}
