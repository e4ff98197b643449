import { createHash } from 'node:crypto';
import { BundleError } from '../../contract/errors.ts';

/** One public key with all that belongs to it (user ids, subkeys, signatures), as bytes of a keyring. */
export interface PublicKeyBlock {
  /** Of the primary key: 40 hexadecimal digits, upper case. */
  readonly fingerprint: string;
  /** First user id, printable. */
  readonly userId: string;
  readonly bytes: Uint8Array;
}

const MAX_KEYRING_BYTES = 8 * 1024 * 1024;
const [PRIMARY_KEY, USER_ID] = [6, 13];

/**
 * Parts a keyring into its keys, without judging them: OpenPGP packets (RFC 4880 §4.2), binary or in ASCII armour.
 *
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export function parseKeyring(file: Uint8Array, name: string): PublicKeyBlock[] {
  const invalid = (why: string): BundleError =>
    new BundleError('BUNDLE_CONTENT_UNREADABLE', `${name} is no keyring: ${why}.`, {
      hint: 'Name a file of public keys, as the vendor publishes it or /usr/share/keyrings has it.',
      subject: { file: name },
    });
  if (file.length > MAX_KEYRING_BYTES) throw invalid('it is too large');
  const bytes = dearmour(Buffer.from(file));
  const keys: { fingerprint: string; userId: string; start: number; end: number }[] = [];
  for (let at = 0; at < bytes.length;) {
    const packet = readPacket(bytes, at);
    if (packet === null) throw invalid('a packet in it is cut short or malformed');
    const current = keys.at(-1);
    if (packet.tag === PRIMARY_KEY) {
      const body = bytes.subarray(packet.body, packet.end);
      if (body[0] !== 4) throw invalid('it has a key of a version that is not known here');
      const head = Buffer.from([0x99, body.length >> 8, body.length & 0xff]);
      const fingerprint = createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
      keys.push({ fingerprint, userId: '', start: at, end: packet.end });
    } else if (current === undefined) {
      throw invalid('it does not begin with a public key');
    } else {
      current.end = packet.end;
      if (packet.tag === USER_ID && current.userId === '')
        current.userId = bytes.toString('utf8', packet.body, packet.end).replace(/\p{C}/gu, '').slice(0, 200);
    }
    at = packet.end;
  }
  if (keys.length === 0) throw invalid('it is empty');
  return keys.map(({ fingerprint, userId, start, end }) => ({
    fingerprint,
    userId,
    bytes: bytes.subarray(start, end),
  }));
}

/** Public keys in ASCII armour, which is all that rpmkeys(8) takes. Source: RFC 4880 §6.1 (CRC-24) and §6.2. */
export function enarmour(keys: Uint8Array): string {
  let crc = 0xb704ce;
  for (const byte of keys) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  const sum = Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
  const lines =
    Buffer.from(keys)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${lines.join('\n')}\n=${sum}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}

/** @returns the bytes inside ASCII armour (RFC 4880 §6.2), or those given */
function dearmour(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, 64).toString('latin1').startsWith('-----BEGIN PGP')) return bytes;
  const lines = bytes.toString('latin1').split(/\r?\n/);
  const begin = lines.findIndex((line) => line.trim() === '');
  const end = lines.findIndex((line) => line.startsWith('=') || line.startsWith('-----END'));
  return Buffer.from(lines.slice(begin + 1, end === -1 ? undefined : end).join(''), 'base64');
}

/** Where one packet's body begins and ends; `null` for what is cut short, or of no stated length. */
function readPacket(
  bytes: Buffer,
  at: number,
): { readonly tag: number; readonly body: number; readonly end: number } | null {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  const isNew = (first & 0x40) !== 0;
  const tag = isNew ? first & 0x3f : (first >> 2) & 0x0f;
  const length = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, first & 0x03);
  if (length === null) return null;
  const body = at + 1 + length.octets;
  const end = body + length.value;
  return end > bytes.length ? null : { tag, body, end };
}

interface Length {
  readonly value: number;
  readonly octets: number;
}

const bigEndian = (bytes: Buffer, at: number, octets: number): Length | null =>
  at + octets > bytes.length ? null : { value: bytes.readUIntBE(at, octets), octets };

function oldLength(bytes: Buffer, at: number, kind: number): Length | null {
  return kind === 3 ? null : bigEndian(bytes, at, [1, 2, 4][kind] ?? 1);
}

function newLength(bytes: Buffer, at: number): Length | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 192) return { value: first, octets: 1 };
  if (first < 224) {
    const second = bytes[at + 1];
    return second === undefined ? null : { value: ((first - 192) << 8) + second + 192, octets: 2 };
  }
  if (first < 255) return null;
  const long = bigEndian(bytes, at + 1, 4);
  return long === null ? null : { value: long.value, octets: 5 };
}
