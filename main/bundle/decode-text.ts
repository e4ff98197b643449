import { BundleError } from '../../contract/errors.ts';
import { nodeCrypto } from './node-crypto.ts';

/**
 * Text of a file whose hash held. Its builder may still have signed what is no text.
 *
 * @param file name for messages
 * @throws BundleError the code given, on bytes that are not UTF-8
 */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  code: 'BUNDLE_METADATA_INVALID' | 'BUNDLE_CONTENT_UNREADABLE',
): string {
  try {
    return nodeCrypto.decodeUtf8(bytes);
  } catch (cause) {
    throw new BundleError(code, `${file} is not UTF-8.`, {
      hint: 'The bundle was built wrongly. Ask for a new one.',
      subject: { file },
      cause,
    });
  }
}
