import { markingText } from '../../contract/marking.ts';
import { renderSVG } from 'uqr';
import { enrolmentText } from '../../contract/vocabulary.ts';
import { fingerprintGroups, fingerprintWords } from '../bundle/fingerprint.ts';
import { keyFingerprint } from './public-key.ts';

/** The sheet by which a customer's key becomes known at a site: printed, signed by hand, and compared there. Holds no secret. */

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const text = (value: string): string => value.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);

const STYLE = `
  body { font: 12pt/1.5 system-ui, sans-serif; color: #000; background: #fff; margin: 15mm auto; max-width: 170mm; }
  .marking { text-align: center; font-weight: bold; letter-spacing: .05em; }
  h1 { font-size: 18pt; margin: 6mm 0 2mm; } h2 { font-size: 12pt; margin: 6mm 0 1mm; }
  p { margin: 0 0 2mm; }
  .digits { font: 12pt/1.7 monospace; }
  ol { columns: 4; font: 12pt/1.6 monospace; margin: 0; padding-left: 10mm; }
  .side { display: flex; gap: 8mm; align-items: flex-start; } .side > div { flex: 1; }
  svg { width: 46mm; height: 46mm; flex: none; }
  .lines { display: flex; gap: 10mm; margin-top: 12mm; }
  .lines div { flex: 1; border-top: 1px solid #000; padding-top: 1mm; font-size: 10pt; }
  @media print { body { margin: 0; } }`;

export interface EnrolmentSheet {
  readonly name: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  readonly marking: string;
}

/** A page of HTML with no script and nothing from elsewhere; prints on one side of A4 and Letter. */
export function formatEnrolmentSheet({ name, publicKey, marking }: EnrolmentSheet): string {
  const fingerprint = keyFingerprint(publicKey);
  const words = fingerprintWords(fingerprint).map((word) => `<li>${word}</li>`);
  const code = renderSVG(enrolmentText(publicKey, name), { ecc: 'M', border: 4 }).replace(
    '<svg ',
    '<svg role="img" aria-label="QR code of the name and the public key" ',
  );
  const band = `<p class="marking">${text(markingText(marking))}</p>`;
  return `<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Key to enrol: ${text(name)}</title><style>${STYLE}</style></head>
<body><main>${band}
<h1>Key to enrol: ${text(name)}</h1>
<p>With this key I sign decisions on patches. Please enrol it, after comparing the fingerprint with me in person or by telephone, or by
this letter. It holds no secret.</p>
<div class="side"><div>
<h2>Public key</h2><p class="digits">${fingerprintGroups(publicKey)}</p>
<h2>Fingerprint</h2><p class="digits">${fingerprintGroups(fingerprint)}</p>
</div>${code}</div>
<h2>Fingerprint in words</h2><ol>${words.join('')}</ol>
<h2>For the letter</h2>
<p>The key above is mine, and nobody else has its passphrase.</p>
<div class="lines"><div>Signature of ${text(name)}</div><div>Date</div></div>
<div class="lines"><div>Compared and enrolled at the site by</div><div>Date</div></div>
${band}</main></body></html>
`;
}
