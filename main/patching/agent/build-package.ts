import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { INVENTORY } from '../apt/scripts/inventory.ts';
import { shellScript } from '../apt/scripts/shell-script.ts';
import { agentProgram, POLICY } from './program.ts';

/** All files are of one moment, so that the same input gives the same bytes: 2026-01-01, UTC. */
const MODIFIED_S = Date.UTC(2026, 0, 1) / 1000;

/** What goes into the file name, and stands in a shell script between quotes. */
const VERSION = /^[0-9][A-Za-z0-9.+~]{0,99}$/;

interface PackedFile {
  /** Below the root, without a slash at its start. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/**
 * Builds the Debian package of the agent (deb(5)). Its two archives are not compressed: a few kilobytes, and no version of a
 * compressor has a say in the bytes.
 *
 * @param version as deb-version(7), without epoch and revision
 * @throws RangeError for another version
 */
export async function buildAgentPackage(
  version: string,
): Promise<{ readonly fileName: string; readonly bytes: Uint8Array }> {
  if (!VERSION.test(version)) throw new RangeError(`${version} is no version of the agent`);
  const files = filesOf(version);
  const conffiles = files.filter(({ path }) => path.startsWith('etc/')).map(({ path }) => `/${path}\n`);
  const sums = files
    .filter(({ path }) => !path.startsWith('etc/'))
    .map(({ path, text }) => `${createHash('md5').update(text).digest('hex')}  ${path}\n`);
  const control = await tarOf([
    { path: 'conffiles', mode: 0o644, text: conffiles.join('') },
    { path: 'control', mode: 0o644, text: controlOf(version, files) },
    { path: 'md5sums', mode: 0o644, text: sums.join('') },
  ]);
  const bytes = arOf([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar', control],
    ['data.tar', await tarOf(files)],
  ]);
  return { fileName: `sallyport-agent_${version}_all.deb`, bytes };
}

/** Sorted by path. */
function filesOf(version: string): readonly PackedFile[] {
  return [
    { path: 'etc/sallyport-agent/policy.conf', mode: 0o644, text: POLICY },
    { path: 'usr/bin/sallyport-agent', mode: 0o755, text: agentProgram(version) },
    // What the driver pushes, byte for byte.
    { path: 'usr/lib/sallyport-agent/inventory', mode: 0o644, text: shellScript(INVENTORY) },
    { path: 'usr/share/doc/sallyport-agent/copyright', mode: 0o644, text: COPYRIGHT },
  ];
}

const COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Sallyport

Files: *
Copyright: Sallyport maintainers
License: Apache-2.0
 On Debian systems the text of the licence is in /usr/share/common-licenses/Apache-2.0.
`;

function controlOf(version: string, files: readonly PackedFile[]): string {
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return `Package: sallyport-agent
Version: ${version}
Architecture: all
Multi-Arch: foreign
Maintainer: Sallyport maintainers <maintainers@sallyport.invalid>
Installed-Size: ${Math.ceil(bytes / 1024)}
Section: admin
Priority: optional
Description: says what is installed on this machine, when it is asked
 Sallyport patches machines on networks with no way out. This package holds the
 inventory that Sallyport otherwise brings along at each visit, and the policy
 file by which the owner of the machine allows or locks it. It has no daemon,
 opens no port and runs nothing by itself.
`;
}

/** ustar, owned by root; each folder before what is in it. */
async function tarOf(files: readonly PackedFile[]): Promise<Buffer> {
  const archive = pack();
  const common = { mtime: new Date(MODIFIED_S * 1000), uid: 0, gid: 0, uname: 'root', gname: 'root' };
  const folders = new Set(['./']);
  archive.entry({ ...common, name: './', type: 'directory', mode: 0o755 });
  for (const { path, mode, text } of files) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const name = `./${parts.slice(0, depth).join('/')}/`;
      if (!folders.has(name)) archive.entry({ ...common, name, type: 'directory', mode: 0o755 });
      folders.add(name);
    }
    archive.entry({ ...common, name: `./${path}`, mode }, text);
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** ar(5) as deb(5) has it. */
function arOf(members: readonly (readonly [name: string, content: Uint8Array])[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from('!<arch>\n')];
  for (const [name, content] of members) {
    const fields = [name.padEnd(16), String(MODIFIED_S).padEnd(12), '0'.padEnd(6), '0'.padEnd(6)];
    const header = `${fields.join('')}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
    pieces.push(Buffer.from(header, 'latin1'), content);
    if (content.length % 2 === 1) pieces.push(Buffer.from('\n'));
  }
  return Buffer.concat(pieces);
}
