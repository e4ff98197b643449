import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CollectError } from '../../contract/errors.ts';

/** A signature that holds: the fingerprint of the key that made it. */
export interface VendorSignature {
  readonly fingerprint: string;
  readonly signedAt: string;
}

/**
 * Verifies the vendor's signature on a release file with gpgv(1) and the vendor's keyring. One good
 * signature of a key in the keyring is enough, as for apt; signatures of keys that are not in it count for nothing; a
 * bad one refuses the file.
 *
 * @param name for messages
 * @throws CollectError COLLECT_VERIFIER_MISSING, COLLECT_KEYRING_MISSING, COLLECT_RELEASE_UNVERIFIED
 */
export async function verifyVendorSignature(
  content: Uint8Array,
  name: string,
  options: {
    readonly keyring: string;
    readonly gpgv?: string;
    /** File with a signature that stands apart; without it the content is clear-signed. */
    readonly signature?: string;
  },
): Promise<readonly VendorSignature[]> {
  const gpgv = options.gpgv ?? 'gpgv';
  if (!existsSync(options.keyring)) {
    throw new CollectError('COLLECT_KEYRING_MISSING', `There is no keyring at ${options.keyring}.`, {
      hint: 'Install the package debian-archive-keyring, or name the vendor’s keyring with --keyring.',
    });
  }
  const status = await runGpgv(
    gpgv,
    [
      '--status-fd',
      '1',
      '--keyring',
      options.keyring,
      ...(options.signature === undefined ? [] : [options.signature]),
      '-',
    ],
    content,
  );
  const signatures: VendorSignature[] = [];
  let isGood = false;
  for (const line of status.split('\n')) {
    const [prefix, keyword, first, , seconds] = line.split(' ');
    if (prefix !== '[GNUPG:]') continue;
    // Each signature has one line that judges it, then VALIDSIG with its key's fingerprint, also if the key has expired.
    if (keyword === 'NEWSIG') isGood = false;
    if (keyword === 'GOODSIG') isGood = true;
    if (keyword === 'BADSIG') {
      throw unverified(name, 'a signature on it does not hold: it was changed on its way');
    }
    if (keyword === 'VALIDSIG' && isGood && first !== undefined) {
      signatures.push({ fingerprint: first, signedAt: new Date(Number(seconds) * 1_000).toISOString() });
    }
  }
  if (signatures.length === 0) throw unverified(name, `no key of ${options.keyring} has signed it`);
  return signatures;
}

const unverified = (name: string, why: string): CollectError =>
  new CollectError('COLLECT_RELEASE_UNVERIFIED', `${name} is refused: ${why}.`, {
    hint: 'Check that the mirror is the right one and that the keyring is current.',
    subject: { file: name },
  });

/** Feeds the file by stdin: gpgv then verifies the very bytes that are kept. @returns its status lines */
function runGpgv(program: string, args: readonly string[], input: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: 60_000 });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT'
          ? new CollectError('COLLECT_VERIFIER_MISSING', 'The program gpgv is not installed.', {
              hint: 'Install it (Debian: apt-get install gpgv). Without it the vendor’s signature cannot be checked.',
            })
          : error,
      );
    });
    // Its exit status also reports signatures by keys that are not in the keyring: the status lines tell them apart.
    child.on('close', () => {
      resolve(output);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
