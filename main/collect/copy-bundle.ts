import { existsSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CollectError, ContractError } from '../../contract/errors.ts';
import { closeOutput, openOutput } from './write-bundle.ts';

/** Read and written at once, bytes. */
const CHUNK = 1024 * 1024;
/** A folder without it is no bundle: it is written last, so that a copy that was cut off can't be taken for a whole one. */
const LAST = join('metadata', 'timestamp.json');

/**
 * Copies a finished bundle, or one medium of it, durably into a new or empty folder. A copy that is cancelled or fails is
 * taken away again.
 *
 * @param onBytes told of bytes written and of all
 * @throws CollectError COLLECT_OUTPUT_NOT_EMPTY, COLLECT_FOLDER_UNREADABLE, COLLECT_VOLUME_TOO_SMALL; ContractError
 *   CONTRACT_CANCELLED; file system errors as they are
 */
export async function copyBundle(
  source: string,
  target: string,
  onBytes: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ readonly files: number; readonly bytes: number }> {
  const files = listFiles(source);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const isNew = !existsSync(target);
  openOutput(target);
  try {
    checkRoom(target, total);
    let done = 0;
    for (const { path } of files) {
      await copyFile(join(source, path), join(target, path), signal, (bytes) => {
        done += bytes;
        onBytes(done, total);
      });
    }
    closeOutput(target);
    return { files: files.length, bytes: total };
  } catch (error) {
    if (isNew) rmSync(target, { recursive: true, force: true });
    else for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true, force: true });
    throw error;
  }
}

/** Every file of a bundle by its path, the one that makes it a bundle last. */
function listFiles(source: string): readonly { readonly path: string; readonly size: number }[] {
  if (!existsSync(join(source, LAST))) {
    throw new CollectError('COLLECT_FOLDER_UNREADABLE', `There is no bundle in ${source} any more.`, {
      hint: 'Was its medium taken out, or the folder moved? Build the bundle again.',
      subject: { folder: source },
    });
  }
  const paths = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(source.replace(/[/\\]+$/, '').length + 1));
  return [...paths.filter((path) => path !== LAST), LAST].map((path) => ({
    path,
    size: statSync(join(source, path)).size,
  }));
}

function checkRoom(target: string, total: number): void {
  const { bavail, bsize } = statfsSync(target);
  const free = bavail * bsize;
  if (free >= total) return;
  throw new CollectError(
    'COLLECT_VOLUME_TOO_SMALL',
    `${target} has ${free} bytes free, and the bundle takes ${total}.`,
    { hint: 'Take a larger medium, or build the bundle for several: size of each medium.' },
  );
}

async function copyFile(
  source: string,
  target: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const from = await open(source, 'r');
  const to = await open(target, 'wx');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      if (signal.aborted) {
        throw new ContractError('CONTRACT_CANCELLED', 'The copy was cancelled, and taken away again.', {
          retry: 'same',
        });
      }
      const { bytesRead } = await from.read(buffer, 0, CHUNK);
      if (bytesRead === 0) break;
      await to.writeFile(buffer.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
    await to.datasync();
  } finally {
    await from.close();
    await to.close();
  }
}
