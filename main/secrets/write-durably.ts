import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Whole on disk or not there at all; readable by its owner only. */
export function writeDurably(path: string, content: Uint8Array | string): void {
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}
