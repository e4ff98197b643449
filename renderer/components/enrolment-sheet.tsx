import { markingText } from '../../contract/marking.ts';
import { useMemo } from 'react';
import { encode } from 'uqr';
import { enrolmentText } from '../../contract/vocabulary.ts';
import { Words } from './words.tsx';

/** Sixteen groups of four digits, as the command line writes them too. */
const groupsOf = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ');

/** The page by which a customer's key becomes known at a site: to print, to sign by hand, to compare. Holds no secret. */
export function EnrolmentSheet(props: {
  readonly name: string;
  /** Ed25519, 32 bytes in hex. */
  readonly publicKey: string;
  /** SHA-256 of those bytes, and the same as 24 words. */
  readonly fingerprint: string;
  readonly words: readonly string[];
  readonly marking: string;
}) {
  const marking = markingText(props.marking);
  return (
    <article className="card-page enrolment" aria-label={`Enrolment sheet of ${props.name}`}>
      <p className="enrolment-marking">{marking}</p>
      <h2>Key to enrol: {props.name}</h2>
      <p>
        With this key I sign decisions on patches. Please enrol it, after comparing the fingerprint with me in
        person or by telephone, or by this letter. It holds no secret.
      </p>
      <div className="enrolment-key">
        <div>
          <h3>Public key</h3>
          <p className="card-digits">{groupsOf(props.publicKey)}</p>
          <h3>Fingerprint</h3>
          <p className="card-digits">{groupsOf(props.fingerprint)}</p>
        </div>
        <QrCode
          text={enrolmentText(props.publicKey, props.name)}
          label="QR code of the name and the public key"
        />
      </div>
      <h3>Fingerprint in words</h3>
      <Words words={props.words} />
      <h3>For the letter</h3>
      <p>The key above is mine, and nobody else has its passphrase.</p>
      <div className="enrolment-lines">
        <div>Signature of {props.name}</div>
        <div>Date</div>
      </div>
      <div className="enrolment-lines">
        <div>Compared and enrolled at the site by</div>
        <div>Date</div>
      </div>
      <p className="enrolment-marking">{marking}</p>
    </article>
  );
}

/** Black on white in every theme: that is what cameras read. */
function QrCode(props: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => {
    const { data, size: modules } = encode(props.text, { ecc: 'M', border: 4 });
    const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return { size: modules, path: dark.join('') };
  }, [props.text]);
  return (
    <svg
      className="qr"
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
