import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { SFTPWrapper } from 'ssh2';
import { TransportError } from '../../../contract/errors.ts';
import type { RemoteTarget, Upload } from '../remote-shell.ts';
import { Semaphore } from '../semaphore.ts';

/** The largest write that every SFTP server takes (draft-ietf-secsh-filexfer-02 section 3). */
const CHUNK_BYTES = 32 * 1024;
/**
 * Writes under way at once. 1 MiB keeps a fast line busy at 50 ms of latency, and still leaves a slow one (1 Mbit/s)
 * room to answer a keepalive in time.
 */
const WRITES_AT_ONCE = 32;
const PRIVATE_MODE = 0o600;

export interface UploadProgress {
  readonly onBytes: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly stallMs: number;
  readonly target: RemoteTarget;
}

/** Copies one file through SFTP with many writes under way; memory stays bounded whatever the file's size. */
export async function uploadFile(sftp: SFTPWrapper, upload: Upload, progress: UploadProgress): Promise<void> {
  const source = await openSource(upload);
  const stall = new StallTimer(progress, upload.to);
  try {
    const copying = copy(sftp, source, upload, progress, stall);
    copying.catch(ignore);
    await Promise.race([copying, stall.expired]);
  } finally {
    stall.stop();
    await source.close();
  }
}

async function copy(
  sftp: SFTPWrapper,
  source: Source,
  upload: Upload,
  progress: UploadProgress,
  stall: StallTimer,
): Promise<void> {
  const fail = (doing: string) => (error: unknown) => {
    throw describeSftpError(progress.target, upload.to, doing, error);
  };
  const handle = await call<Buffer>((done) => sftp.open(upload.to, 'w', { mode: PRIVATE_MODE }, done)).catch(
    fail('open'),
  );
  // A file that was there keeps its mode through the open, so it is set before the first byte.
  await callVoid((done) => sftp.fchmod(handle, PRIVATE_MODE, done)).catch(fail('set the mode of'));

  const places = new Semaphore(WRITES_AT_ONCE);
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let offset = 0;
  for (let chunk = await source.read(); chunk.length > 0; chunk = await source.read()) {
    const release = await places.acquire(progress.signal);
    if (failures.length > 0) break;
    const at = offset;
    const bytes = chunk;
    offset += bytes.length;
    const write = callVoid((done) => sftp.write(handle, bytes, 0, bytes.length, at, done))
      .then(
        () => {
          stall.touch();
          progress.onBytes?.(bytes.length);
        },
        (error: unknown) => failures.push(error),
      )
      .then(() => {
        release();
        underWay.delete(write);
      });
    underWay.add(write);
  }
  await Promise.all(underWay);
  if (failures.length > 0) fail('write')(failures[0]);

  const stats = await call<{ size: number }>((done) => sftp.fstat(handle, done)).catch(fail('check'));
  await callVoid((done) => sftp.close(handle, done)).catch(fail('close'));
  if (stats.size !== offset) {
    throw new TransportError(
      'TRANSPORT_PROTOCOL',
      `${upload.to} on ${progress.target.name} has ${String(stats.size)} bytes, sent were ${String(offset)}`,
      { subject: { endpoint: progress.target.name, address: progress.target.address, path: upload.to } },
    );
  }
}

interface Source {
  /** The next bytes, empty at the end. */
  read(): Promise<Buffer>;
  close(): Promise<void>;
}

async function openSource(upload: Upload): Promise<Source> {
  if ('bytes' in upload.from) {
    const { bytes } = upload.from;
    let at = 0;
    return {
      read: () => {
        const chunk = Buffer.from(bytes.subarray(at, at + CHUNK_BYTES));
        at += chunk.length;
        return Promise.resolve(chunk);
      },
      close: () => Promise.resolve(),
    };
  }
  const { file } = upload.from;
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    throw new TransportError('CONTENT_MISSING', `${file} can't be read on this machine`, { cause });
  }
  return {
    read: async () => {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
      return buffer.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
}

class StallTimer {
  readonly expired: Promise<never>;
  readonly #timer: NodeJS.Timeout;

  constructor(progress: UploadProgress, path: string) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.expired = promise;
    this.expired.catch(ignore);
    this.#timer = setTimeout(() => {
      const { target } = progress;
      reject(
        new TransportError('TRANSPORT_TIMEOUT', `the copy of ${path} to ${target.name} stands still`, {
          hint: 'Copy it again from the start.',
          retry: 'after-reconnect',
          subject: { endpoint: target.name, address: target.address, path },
        }),
      );
    }, progress.stallMs);
  }

  touch(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

type Done<T> = (error: Error | undefined | null, value: T) => void;

function call<T>(start: (done: Done<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === undefined || error === null) resolve(value);
      else reject(error);
    });
  });
}

function callVoid(start: (done: (error?: Error | null) => void) => unknown): Promise<void> {
  return call<void>((done) => start((error) => done(error, undefined)));
}

/** Status codes of draft-ietf-secsh-filexfer-02 section 7. */
const SFTP_HINTS: Readonly<Record<number, string>> = {
  2: 'The folder does not exist.',
  3: 'The login user may not write there.',
  4: 'Most often the disk is full: check its free space.',
};

function describeSftpError(target: RemoteTarget, path: string, doing: string, error: unknown): Error {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  // No status of the server: the connection itself failed, which the session explains.
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  const hint = SFTP_HINTS[code];
  return new TransportError('TRANSPORT_PROTOCOL', `could not ${doing} ${path} on ${target.name}`, {
    ...(hint === undefined ? {} : { hint }),
    subject: { endpoint: target.name, address: target.address, path },
    cause: error,
  });
}

function ignore(): void {
  return;
}
