import { execFileSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { mutate, type Dice } from './mutate.ts';

const BLOCK = 512;

/** One entry of a ustar archive. */
function tarEntry(name: string, content: Uint8Array, type = '0', link = ''): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const body = Buffer.alloc(Math.ceil(content.length / BLOCK) * BLOCK);
  body.set(content);
  return Buffer.concat([header, body]);
}

function arMember(name: string, content: Uint8Array): Buffer {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, '\n')]);
}

const deb = (data: readonly [name: string, bytes: Uint8Array]): Buffer =>
  Buffer.concat([
    Buffer.from('!<arch>\n'),
    arMember('debian-binary', Buffer.from('2.0\n')),
    arMember('control.tar.gz', gzipSync(tarEntry('./control', Buffer.from('Package: a\n')))),
    arMember(...data),
  ]);

/** What a package installs: a changelog, and what should lead nowhere. */
const TAR = Buffer.concat([
  tarEntry('./usr/share/doc/a/', new Uint8Array(), '5'),
  tarEntry('./usr/share/doc/a/copyright', Buffer.from('free')),
  tarEntry('../../../../tmp/outside', Buffer.from('outside')),
  tarEntry('./usr/bin/a', new Uint8Array(), '2', '/etc/passwd'),
  tarEntry(
    './usr/share/doc/a/changelog.Debian.gz',
    gzipSync('a (1) stable; urgency=low\n\n  * all.\n\n -- A <a@b>  Mon, 1 Jan 2024 00:00:00 +0000\n'),
  ),
  Buffer.alloc(2 * BLOCK),
]);

/** Makes mutated packages: the archive itself, its packed member, or the archive inside of that. */
export function debMutants(): (dice: Dice) => Uint8Array {
  const whole: [Buffer, ...Buffer[]] = [
    deb(['data.tar', TAR]),
    deb(['data.tar.gz', gzipSync(TAR)]),
    deb(['data.tar.zst', zstdCompressSync(TAR)]),
  ];
  try {
    whole.push(deb(['data.tar.xz', execFileSync('xz', ['--stdout'], { input: TAR })]));
  } catch {
    // Without xz on this machine the three others remain.
  }
  return (dice) => {
    switch (dice.below(4)) {
      case 0:
        return deb(['data.tar.gz', gzipSync(mutate(TAR, dice), { level: 1 })]);
      case 1:
        return deb(['data.tar.zst', zstdCompressSync(mutate(TAR, dice))]);
      case 2:
        return deb(['data.tar', mutate(TAR, dice)]);
      default:
        return mutate(dice.pick(whole), dice);
    }
  };
}
