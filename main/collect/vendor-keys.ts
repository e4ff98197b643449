import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CollectError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';

/** Public keys of a vendor, as gpgv and rpmkeys want them. */
export interface VendorKeys {
  /** Binary, for gpgv. */
  readonly keyring: string;
  /** As the vendor publishes them. */
  readonly files: readonly string[];
}

const ARMOR = /-----BEGIN PGP PUBLIC KEY BLOCK-----([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/**
 * Reads key files as vendors of RPM packages publish them (`RPM-GPG-KEY-...`, in ASCII armour) or binary ones, and puts
 * them together into one keyring for gpgv(1), which reads no armour.
 *
 * @param dir where the keyring is kept
 * @throws CollectError COLLECT_KEYRING_MISSING
 */
export function prepareVendorKeys(files: readonly string[], dir: string): VendorKeys {
  const parts = files.map((file) => {
    try {
      return removeArmor(readFileSync(file));
    } catch (error) {
      throw new CollectError('COLLECT_KEYRING_MISSING', `The vendor’s keys can’t be read: ${file}.`, {
        hint: 'Name the file with the vendor’s public keys, as it publishes them.',
        cause: error,
      });
    }
  });
  const bytes = Buffer.concat(parts);
  const keyring = join(dir, `vendor-keys-${nodeCrypto.sha256(bytes).slice(0, 16)}.gpg`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(keyring, bytes);
  return { keyring, files };
}

/** Source: RFC 9580, section 6 (ASCII armour): headers, an empty line, base64, a checksum that begins with `=`. */
function removeArmor(bytes: Buffer): Buffer {
  const blocks = [...bytes.toString('latin1').matchAll(ARMOR)].map(([, block = '']) => {
    const lines = block.replaceAll('\r', '').split('\n');
    const body = lines.slice(lines.findIndex((line, index) => index > 0 && line.trim() === '') + 1);
    return Buffer.from(body.filter((line) => !line.startsWith('=')).join(''), 'base64');
  });
  return blocks.length > 0 ? Buffer.concat(blocks) : bytes;
}
