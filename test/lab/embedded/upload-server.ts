import ssh2 from 'ssh2';
import type { SFTPWrapper } from 'ssh2';
import type { Machine } from './machine.ts';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

interface OpenFile {
  readonly path: string;
  readonly pieces: Map<number, Buffer>;
  size: number;
}

/** The part of SFTP that an upload needs, onto a simulated disk. Only what is closed is there. */
export function serveUploads(machine: Machine, sftp: SFTPWrapper): void {
  const open = new Map<number, OpenFile>();
  let next = 1;
  const onFile = (id: number, handle: Buffer, work: (file: OpenFile) => void): void => {
    const file = open.get(handle.readUInt32BE(0));
    if (file === undefined || !machine.answers) sftp.status(id, STATUS_CODE.FAILURE);
    else work(file);
  };
  sftp.on('OPEN', (id, path, flags) => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if ((flags & OPEN_MODE.WRITE) === 0) sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
    else if (!machine.answers || !machine.disk.folders.has(folder)) sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    else {
      const handle = Buffer.alloc(4);
      handle.writeUInt32BE(next, 0);
      open.set(next, { path, pieces: new Map(), size: 0 });
      next += 1;
      sftp.handle(id, handle);
    }
  });
  sftp.on('WRITE', (id, handle, offset, bytes) =>
    onFile(id, handle, (file) => {
      if (machine.disk.freeBytes < file.size + bytes.length) {
        sftp.status(id, STATUS_CODE.FAILURE);
        return;
      }
      file.pieces.set(offset, Buffer.from(bytes));
      file.size = Math.max(file.size, offset + bytes.length);
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
  sftp.on('FSETSTAT', (id, handle) => onFile(id, handle, () => sftp.status(id, STATUS_CODE.OK)));
  sftp.on('FSTAT', (id, handle) =>
    onFile(id, handle, ({ size }) =>
      sftp.attrs(id, { mode: 0o100600, uid: 1000, gid: 1000, size, atime: 0, mtime: 0 }),
    ),
  );
  sftp.on('CLOSE', (id, handle) =>
    onFile(id, handle, ({ path, pieces, size }) => {
      const bytes = Buffer.alloc(size);
      for (const [offset, piece] of pieces) piece.copy(bytes, offset);
      machine.disk.uploads.set(path, bytes);
      open.delete(handle.readUInt32BE(0));
      sftp.status(id, STATUS_CODE.OK);
    }),
  );
}
