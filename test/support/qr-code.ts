import { spawnSync } from 'node:child_process';

/** What an independent reader finds in a picture of a QR code. */
export function readQrCode(picture: string): string {
  const { stdout, stderr, status } = spawnSync('zbarimg', ['-q', '--raw', picture], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`zbarimg: ${stderr}`);
  return stdout.trim();
}
