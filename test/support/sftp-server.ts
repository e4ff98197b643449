import { chmodSync, closeSync, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { SFTPWrapper } from 'ssh2';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

/** The part of SFTP that an upload needs, on the files of this machine. */
export function serveFiles(sftp: SFTPWrapper): void {
  const open = new Map<number, number>();
  let next = 1;
  const fileOf = (handle: Buffer) => open.get(handle.readUInt32BE(0));

  const answer = (id: number, work: () => void) => {
    try {
      work();
    } catch (error) {
      sftp.status(id, statusOf(error));
    }
  };
  sftp.on('OPEN', (id, path, flags, attributes) =>
    answer(id, () => {
      if ((flags & OPEN_MODE.WRITE) === 0) {
        sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
        return;
      }
      const file = openSync(path, 'w', attributes.mode);
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(next, 0);
      open.set(next, file);
      next += 1;
      sftp.handle(id, handle);
    }),
  );
  sftp.on('WRITE', (id, handle, offset, bytes) =>
    answer(id, () => {
      writeSync(fileOf(handle) ?? -1, bytes, 0, bytes.length, offset);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSETSTAT', (id, handle, attributes) =>
    answer(id, () => {
      fchmodSync(fileOf(handle) ?? -1, attributes.mode);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('SETSTAT', (id, path, attributes) =>
    answer(id, () => {
      chmodSync(path, attributes.mode);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSTAT', (id, handle) =>
    answer(id, () => {
      const { mode, uid, gid, size, atimeMs, mtimeMs } = fstatSync(fileOf(handle) ?? -1);
      sftp.attrs(id, { mode, uid, gid, size, atime: atimeMs / 1000, mtime: mtimeMs / 1000 });
    }),
  );
  sftp.on('CLOSE', (id, handle) =>
    answer(id, () => {
      closeSync(fileOf(handle) ?? -1);
      open.delete(handle.readUInt32BE(0));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('close', () => {
    for (const file of open.values()) closeSync(file);
  });
}

function statusOf(error: unknown): number {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return STATUS_CODE.NO_SUCH_FILE;
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED;
  return STATUS_CODE.FAILURE;
}
