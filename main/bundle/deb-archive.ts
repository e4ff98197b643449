import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { parseStanzas } from '../core/apt/stanza.ts';
import { compressionOf, decompress, HARD_LIMIT_BYTES } from './decompress.ts';
import { BundleError, CodedError } from '../../contract/errors.ts';

/** A changelog with more than this is cut: only its newest entries matter here. */
const MAX_CHANGELOG_BYTES = 32 * 1024 * 1024;
/** A control archive has a few small texts and scripts. */
const MAX_CONTROL_BYTES = 4 * 1024 * 1024;
const CHANGELOG_PATH = /^(?:\.\/)?usr\/share\/doc\/[^/]+\/changelog(?:\.Debian)?(?:\.gz)?$/;

interface Member {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** The members of an ar(5) archive, which a .deb file is (deb(5)). */
async function listMembers(path: string): Promise<Member[]> {
  const file = await open(path, 'r');
  try {
    const { size: fileSize } = await file.stat();
    const magic = Buffer.alloc(8);
    await file.read(magic, 0, 8, 0);
    if (magic.toString('latin1') !== '!<arch>\n') throw unreadable(path, 'it is no ar archive');
    const members: Member[] = [];
    for (let offset = 8; offset + 60 <= fileSize;) {
      const header = Buffer.alloc(60);
      await file.read(header, 0, 60, offset);
      const text = header.toString('latin1');
      const size = Number(text.slice(48, 58).trim());
      if (
        text.slice(58) !== '`\n' ||
        !Number.isSafeInteger(size) ||
        size < 0 ||
        offset + 60 + size > fileSize
      ) {
        throw unreadable(path, 'its archive headers are malformed');
      }
      members.push({ name: text.slice(0, 16).trim().replace(/\/$/, ''), offset: offset + 60, size });
      offset += 60 + size + (size % 2);
    }
    return members;
  } finally {
    await file.close();
  }
}

/**
 * Reads the changelogs that a package installs: of the Debian package, and of upstream (of native packages the same).
 * Their folder may be a link to that of another package of the same source; then there is none here.
 *
 * @param accept stops at the first changelog it says yes to
 * @returns that changelog's text, or `null`
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE
 */
export async function findChangelog(
  debPath: string,
  accept: (text: string) => boolean,
): Promise<string | null> {
  const data = (await listMembers(debPath)).find((member) => member.name.startsWith('data.tar'));
  if (data === undefined) throw unreadable(debPath, 'it has no data member');
  const { tar, feed } = openTar(debPath, data);
  let found: string | null = null;
  try {
    for await (const entry of tar) {
      const isWanted =
        entry.header.type === 'file' &&
        CHANGELOG_PATH.test(entry.header.name) &&
        (entry.header.size ?? 0) <= MAX_CHANGELOG_BYTES;
      const chunks: Buffer[] = [];
      for await (const chunk of entry) if (isWanted) chunks.push(chunk as Buffer);
      const text = isWanted ? unpack(Buffer.concat(chunks), entry.header.name) : null;
      if (text !== null && accept(text)) {
        found = text;
        break;
      }
    }
  } catch (error) {
    // The reader of tar archives throws errors without a code.
    throw error instanceof CodedError ? error : unreadable(debPath, 'its data archive is malformed', error);
  } finally {
    // Leaving the loop has closed the archive; the feed sees that and ends.
    await feed;
  }
  return found;
}

/** What a package says of itself. */
export interface DebControl {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Names in its control archive: `control`, `conffiles`, and scripts such as `postinst`. */
  readonly parts: readonly string[];
}

/**
 * Reads the control archive of a package (deb(5), deb-control(5)).
 *
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE, BUNDLE_TOO_LARGE
 */
export async function readDebControl(debPath: string): Promise<DebControl> {
  const [first, control] = await listMembers(debPath);
  if (first?.name !== 'debian-binary' || control?.name.startsWith('control.tar') !== true)
    throw unreadable(debPath, 'it does not begin with a version and a control archive');
  const { tar, feed } = openTar(debPath, control, MAX_CONTROL_BYTES);
  const parts: string[] = [];
  let text = '';
  try {
    for await (const entry of tar) {
      const name = entry.header.name.replace(/^\.\//, '');
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type !== 'directory') parts.push(name);
      if (name === 'control') text = Buffer.concat(chunks).toString('utf8');
    }
  } catch (error) {
    throw error instanceof CodedError
      ? error
      : unreadable(debPath, 'its control archive is malformed', error);
  } finally {
    await feed;
  }
  const stanzas = parseStanzas(text);
  const [name, version, architecture] = ['package', 'version', 'architecture'].map((field) =>
    stanzas[0]?.get(field),
  );
  if (stanzas.length !== 1 || name === undefined || version === undefined || architecture === undefined)
    throw unreadable(debPath, 'its control file names no package, version and architecture');
  return { name, version, architecture, parts };
}

/** Opens one member as a tar archive. `feed` settles once everything is read, or nobody reads on. */
function openTar(
  debPath: string,
  member: Member,
  maxBytes = HARD_LIMIT_BYTES,
): { readonly tar: Extract; readonly feed: Promise<void> } {
  if (member.size === 0) throw unreadable(debPath, `its member ${member.name} is empty`);
  const source = createReadStream(debPath, { start: member.offset, end: member.offset + member.size - 1 });
  const tar = extract();
  const feed = (async () => {
    try {
      for await (const chunk of decompress(source, compressionOf(member.name), { maxBytes }, debPath)) {
        if (tar.destroyed) return;
        if (!tar.write(Uint8Array.from(chunk))) await drained(tar);
      }
      tar.end(null);
    } catch (error) {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  return { tar, feed };
}

/** Waits until the archive takes more, or was closed because nobody reads on. */
function drained(tar: Extract): Promise<void> {
  return new Promise((resolve) => {
    const resume = (): void => {
      tar.off('drain', resume);
      tar.off('close', resume);
      resolve();
    };
    tar.on('drain', resume);
    tar.on('close', resume);
  });
}

function unpack(bytes: Buffer, name: string): string | null {
  if (!name.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CHANGELOG_BYTES }).toString('utf8');
  } catch (error) {
    // A changelog that can't be read costs explanations, not safety: the package itself is vouched for by its hash.
    if (error instanceof Error) return null;
    throw error;
  }
}

const unreadable = (file: string, why: string, cause?: unknown): BundleError =>
  new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file} is no Debian package: ${why}.`, {
    subject: { file },
    cause,
  });
