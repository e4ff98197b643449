import { ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';

/**
 * Signatures that `ssh-keygen -Y sign -n patch-decision@sallyport` makes: a customer who has OpenSSH and a key can decide
 * without our application. Source: OpenSSH's PROTOCOL.sshsig.
 */
export interface SshSignature {
  /** Ed25519 public key, 32 bytes in hex. */
  readonly publicKey: string;
  /** 64 bytes in hex. */
  readonly signature: string;
  readonly hash: 'sha256' | 'sha512';
}

/** Keeps a signature made for something else from passing for a decision. */
export const SSH_NAMESPACE = 'patch-decision@sallyport';
/** Of the site's signature over the list of what a pack holds. */
export const PACK_NAMESPACE = 'review-pack@sallyport';

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const MAGIC = 'SSHSIG';
const KEY_TYPE = 'ssh-ed25519';

/**
 * @param file name for messages
 * @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_SIGNATURE_UNSUPPORTED, REVIEW_SIGNATURE_FOR_OTHER_USE
 */
export function parseSshSignature(armoured: string, file: string, crypto: ReviewCrypto): SshSignature {
  const unreadable = (): ReviewError =>
    new ReviewError('REVIEW_FILE_UNREADABLE', `${file} is no signature by ssh-keygen.`, {
      hint: `Sign the decision with: ssh-keygen -Y sign -n ${SSH_NAMESPACE} -f KEY FILE`,
      subject: { file },
    });
  const unsupported = (what: string): ReviewError =>
    new ReviewError(
      'REVIEW_SIGNATURE_UNSUPPORTED',
      `${file} is signed with ${what}, which is not accepted.`,
      {
        hint: 'Sign with an Ed25519 key: ssh-keygen -t ed25519 makes one.',
        subject: { file },
      },
    );
  const text = armoured.trim().replaceAll('\r\n', '\n');
  if (!text.startsWith(`${BEGIN}\n`) || !text.endsWith(`\n${END}`) || text.length > 20_000)
    throw unreadable();
  const bytes = crypto.decodeBase64(text.slice(BEGIN.length, -END.length).replaceAll('\n', ''));
  if (bytes === null) throw unreadable();
  const reader = new WireReader(bytes, unreadable);
  if (reader.text(reader.take(MAGIC.length)) !== MAGIC || reader.uint32() !== 1) throw unreadable();
  const key = new WireReader(reader.string(), unreadable);
  const namespace = reader.text(reader.string());
  reader.string();
  const hash = reader.text(reader.string());
  const blob = new WireReader(reader.string(), unreadable);
  reader.end();

  const keyType = key.text(key.string());
  if (keyType !== KEY_TYPE) throw unsupported(`a key of type ${JSON.stringify(keyType.slice(0, 60))}`);
  const publicKey = key.string();
  key.end();
  if (blob.text(blob.string()) !== KEY_TYPE) throw unreadable();
  const signature = blob.string();
  blob.end();
  if (publicKey.length !== 32 || signature.length !== 64) throw unreadable();
  if (hash !== 'sha256' && hash !== 'sha512')
    throw unsupported(`the hash ${JSON.stringify(hash.slice(0, 60))}`);
  if (namespace !== SSH_NAMESPACE) {
    throw new ReviewError(
      'REVIEW_SIGNATURE_FOR_OTHER_USE',
      `${file} was signed for ${JSON.stringify(namespace.slice(0, 60))}, not as a decision on patches.`,
      { hint: `Sign it with -n ${SSH_NAMESPACE}.`, subject: { file } },
    );
  }
  return { publicKey: toHex(publicKey), signature: toHex(signature), hash };
}

/** Whether the key made this signature over the message. */
export function verifySshSignature(
  signature: SshSignature,
  message: Uint8Array,
  crypto: ReviewCrypto,
): boolean {
  const covered = sshMessage(SSH_NAMESPACE, signature.hash, message, crypto);
  return crypto.verifyEd25519(signature.publicKey, covered, signature.signature);
}

/** The bytes that a signature by ssh-keygen covers. */
export function sshMessage(
  namespace: string,
  hash: SshSignature['hash'],
  message: Uint8Array,
  crypto: Pick<ReviewCrypto, 'encodeUtf8' | 'sha256' | 'sha512'>,
): Uint8Array {
  const digest = hash === 'sha256' ? crypto.sha256(message) : crypto.sha512(message);
  return concat([
    crypto.encodeUtf8(MAGIC),
    wireString(crypto.encodeUtf8(namespace)),
    wireString(new Uint8Array()),
    wireString(crypto.encodeUtf8(hash)),
    wireString(fromHex(digest)),
  ]);
}

/**
 * A signature over `sshMessage(namespace, 'sha512', ...)` as `ssh-keygen -Y verify` reads it.
 *
 * @param publicKey Ed25519, 32 bytes in hex
 * @param signature 64 bytes
 */
export function formatSshSignature(
  publicKey: string,
  namespace: string,
  signature: Uint8Array,
  crypto: Pick<ReviewCrypto, 'encodeUtf8' | 'encodeBase64'>,
): string {
  const type = wireString(crypto.encodeUtf8(KEY_TYPE));
  const blob = concat([
    crypto.encodeUtf8(MAGIC),
    Uint8Array.of(0, 0, 0, 1),
    wireString(concat([type, wireString(fromHex(publicKey))])),
    wireString(crypto.encodeUtf8(namespace)),
    wireString(new Uint8Array()),
    wireString(crypto.encodeUtf8('sha512')),
    wireString(concat([type, wireString(signature)])),
  ]);
  const lines = crypto.encodeBase64(blob).match(/.{1,70}/g) ?? [];
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

/** The line of a `.pub` file. @param comment no line break */
export function formatSshKey(
  publicKey: string,
  comment: string,
  crypto: Pick<ReviewCrypto, 'encodeUtf8' | 'encodeBase64'>,
): string {
  const blob = concat([wireString(crypto.encodeUtf8(KEY_TYPE)), wireString(fromHex(publicKey))]);
  return `${KEY_TYPE} ${crypto.encodeBase64(blob)} ${comment.replaceAll(/[^ -~]/g, '?')}\n`;
}

/** Reads the length-prefixed fields of RFC 4251, section 5. */
class WireReader {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #malformed: () => ReviewError;

  constructor(bytes: Uint8Array, malformed: () => ReviewError) {
    this.#bytes = bytes;
    this.#malformed = malformed;
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw this.#malformed();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint32(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.take(4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  string(): Uint8Array {
    return this.take(this.uint32());
  }

  /** Names in this format are ASCII. */
  text(bytes: Uint8Array): string {
    return String.fromCharCode(...bytes.subarray(0, 200));
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.#malformed();
  }
}

function wireString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  return concat([Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), bytes]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
