import { spawn } from 'node:child_process';

/** What gpgv(1) says of a signed file. */
export interface SignatureReading {
  /** Signatures that hold, by keys of the keyrings: fingerprint of the key and when it signed (ISO-8601). */
  readonly good: readonly { readonly fingerprint: string; readonly signedAt: string }[];
  /** A key of the keyrings has signed, but other bytes. */
  readonly isSpoiled: boolean;
}

/**
 * Looks at the signatures of a file with gpgv and the given keyrings. Signatures by other keys count for
 * nothing, as for apt. The file goes in by stdin: gpgv then sees the very bytes that are kept.
 *
 * @param keyrings files in the binary form
 * @returns `null` when the program is not installed
 */
export async function readSignatures(
  content: Uint8Array,
  keyrings: readonly string[],
  options: {
    readonly program?: string;
    /** File with a signature that stands apart; without it the content is clear-signed. */
    readonly signature?: string;
  } = {},
): Promise<SignatureReading | null> {
  const status = await run(
    options.program ?? 'gpgv',
    [
      '--status-fd',
      '1',
      ...keyrings.flatMap((keyring) => ['--keyring', keyring]),
      ...(options.signature === undefined ? [] : [options.signature]),
      '-',
    ],
    content,
  );
  if (status === null) return null;
  const good: { fingerprint: string; signedAt: string }[] = [];
  let isSpoiled = false;
  let isGood = false;
  for (const line of status.split('\n')) {
    const [prefix, keyword, first, , seconds] = line.split(' ');
    if (prefix !== '[GNUPG:]') continue;
    // Each signature has one line that judges it, then VALIDSIG with its key's fingerprint, also if the key has expired.
    if (keyword === 'NEWSIG') isGood = false;
    if (keyword === 'GOODSIG') isGood = true;
    if (keyword === 'BADSIG') isSpoiled = true;
    if (keyword === 'VALIDSIG' && isGood && first !== undefined)
      good.push({ fingerprint: first, signedAt: new Date(Number(seconds) * 1_000).toISOString() });
  }
  return { good, isSpoiled };
}

/** @returns the status lines. The exit status also reports unknown keys: the lines tell them apart */
function run(program: string, args: readonly string[], input: Uint8Array): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: 60_000 });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(null);
      else reject(error);
    });
    child.on('close', () => {
      resolve(output);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
