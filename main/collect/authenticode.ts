import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { WindowsFile } from '../core/windows/update-list.ts';

const run = promisify(execFile);

/** A cumulative update has a gigabyte. */
const TIMEOUT_MS = 300_000;

/**
 * Who signed a file of Microsoft's, as osslsigncode reads it: facts for people to see. Whether the certificate may be
 * trusted is the endpoint's to say, by Windows' own check; this machine has no store of code signing roots.
 *
 * @returns `not read` where osslsigncode is not installed or can't read the file
 */
export async function readAuthenticode(
  path: string,
  signal?: AbortSignal,
): Promise<WindowsFile['signature']> {
  let output: string;
  try {
    const { stdout } = await run('osslsigncode', ['verify', '-in', path], {
      timeout: TIMEOUT_MS,
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'latin1',
      ...(signal === undefined ? {} : { signal }),
    });
    output = stdout;
  } catch (error) {
    signal?.throwIfAborted();
    // Without roots its verdict on the chain is always "failed": what it says before that counts.
    const { stdout, stderr } = error as { readonly stdout?: unknown; readonly stderr?: unknown };
    output = [stdout, stderr].filter((text) => typeof text === 'string').join('\n');
  }
  return describeSignature(output);
}

/** Reads the report of `osslsigncode verify`. */
export function describeSignature(report: string): WindowsFile['signature'] {
  if (/No signature found/i.test(report)) return { state: 'none', subject: null, digest: null };
  const value = (name: string): string | null =>
    new RegExp(`^\\s*${name}\\s*:\\s*(\\S.*?)\\s*$`, 'im').exec(report)?.[1] ?? null;
  const current = value('Current message digest');
  const calculated = value('Calculated message digest');
  if (current === null || calculated === null) return { state: 'not read', subject: null, digest: null };
  const subject = value('Subject');
  const algorithm = value('Message digest algorithm');
  return {
    state: current === calculated.replace(/\s.*$/, '') ? 'read' : 'broken',
    subject: subject?.slice(0, 512) ?? null,
    digest: `${algorithm ?? ''} ${current}`.trim().slice(0, 256),
  };
}
