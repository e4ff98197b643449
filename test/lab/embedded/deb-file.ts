import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

/** A file that a package installs; its path begins with `./`, as in the archive. */
export interface DebFile {
  readonly path: string;
  readonly content: string;
}

/** What is inside a .deb: enough to install it and to compare a disk with it. */
export interface DebContent {
  /** Text of the control file. */
  readonly control: string;
  /** Folders without the slash at their end, in archive order. */
  readonly folders: readonly string[];
  /** Path to SHA-256 of the content. */
  readonly files: ReadonlyMap<string, string>;
}

export const sha256 = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** A real, tiny .deb file (deb(5)): an ar(5) archive of two compressed tar archives. The same input gives the same bytes. */
export function writeDeb(control: string, files: readonly DebFile[]): Buffer {
  const folders = new Set<string>(['.']);
  for (const { path } of files) {
    const parts = path.split('/');
    for (let depth = 2; depth < parts.length; depth += 1) folders.add(parts.slice(0, depth).join('/'));
  }
  const data = writeTar([...[...folders].map((path) => ({ path: `${path}/`, content: '' })), ...files]);
  return writeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', compress(writeTar([{ path: './control', content: control }]))],
    ['data.tar.gz', compress(data)],
  ]);
}

/** @throws Error when it is no package of the kind that {@link writeDeb} writes */
export function readDeb(bytes: Buffer): DebContent {
  const members = readAr(bytes);
  const control = readTar(gunzipSync(members.get('control.tar.gz') ?? Buffer.alloc(0))).get('./control');
  const entries = readTar(gunzipSync(members.get('data.tar.gz') ?? Buffer.alloc(0)));
  if (control === undefined) throw new Error('the package has no control file');
  const folders = [...entries.keys()].filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
  const files = [...entries].filter(([path]) => !path.endsWith('/'));
  return {
    control: control.toString('utf8'),
    folders,
    files: new Map(files.map(([path, content]) => [path, sha256(content)])),
  };
}

/** Byte 9 of a gzip header names the operating system, and zlib's depends on where it runs. */
function compress(bytes: Buffer): Buffer {
  const packed = gzipSync(bytes, { level: 9 });
  packed[9] = 255;
  return packed;
}

function writeAr(members: readonly (readonly [string, Buffer])[]): Buffer {
  const pieces: Buffer[] = [Buffer.from('!<arch>\n')];
  for (const [name, content] of members) {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
    pieces.push(Buffer.from(header, 'latin1'), content);
    if (content.length % 2 === 1) pieces.push(Buffer.from('\n'));
  }
  return Buffer.concat(pieces);
}

function readAr(bytes: Buffer): ReadonlyMap<string, Buffer> {
  if (bytes.subarray(0, 8).toString('latin1') !== '!<arch>\n') throw new Error('it is no ar archive');
  const members = new Map<string, Buffer>();
  for (let at = 8; at + 60 <= bytes.length;) {
    const header = bytes.subarray(at, at + 60).toString('latin1');
    const size = Number(header.slice(48, 58).trim());
    members.set(header.slice(0, 16).trim(), bytes.subarray(at + 60, at + 60 + size));
    at += 60 + size + (size % 2);
  }
  return members;
}

/** ustar, POSIX.1-1988. */
function writeTar(entries: readonly DebFile[]): Buffer {
  const pieces: Buffer[] = [];
  for (const { path, content } of entries) {
    const bytes = Buffer.from(content, 'utf8');
    if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is too long for a tar header`);
    const header = Buffer.alloc(512);
    const octal = (value: number, length: number): string =>
      `${value.toString(8).padStart(length - 1, '0')}\0`;
    header.write(path, 0);
    header.write(octal(path.endsWith('/') ? 0o755 : 0o644, 8), 100);
    header.write(octal(0, 8) + octal(0, 8) + octal(bytes.length, 12) + octal(0, 12), 108);
    header.write('        ', 148);
    header.write(path.endsWith('/') ? '5' : '0', 156);
    header.write('ustar\x0000', 257);
    header.write(
      octal(
        header.reduce((sum, byte) => sum + byte, 0),
        7,
      ),
      148,
    );
    pieces.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

function readTar(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const entries = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
    const text = (from: number, length: number): string =>
      bytes
        .subarray(at + from, at + from + length)
        .toString('utf8')
        .split('\0')[0] ?? '';
    const size = Number.parseInt(text(124, 12), 8);
    entries.set(text(0, 100), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}
