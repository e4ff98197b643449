import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { ReviewError } from '../../../../contract/errors.ts';
import { isZip, readZip, requireEntry, type ZipLimits } from '../../../../main/review/zip-reader.ts';

const LIMITS: ZipLimits = {
  file: 4 * 1024 * 1024,
  entries: 8,
  entry: 2 * 1024 * 1024,
  total: 3 * 1024 * 1024,
  ratio: 100,
};
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const zip = (files: Record<string, Uint8Array>, level: 0 | 6 = 6): Buffer =>
  Buffer.from(zipSync(files, { level }));
const GOOD = { 'pack.json': text('{"a":1}\n'.repeat(40)), 'READ-ME.txt': text('read me') };

const code = (bytes: Buffer, limits = LIMITS): string => {
  try {
    requireEntry(readZip(bytes, 'a.zip', limits), 'pack.json', 'a.zip').read();
  } catch (error) {
    if (error instanceof ReviewError) return error.code;
    throw error;
  }
  return 'opened';
};
/** Where the list of entries begins, and each of its entries. */
const directoryAt = (bytes: Buffer): number => bytes.readUInt32LE(bytes.length - 6);
const listed = (bytes: Buffer, name: string): number => {
  const at = bytes.indexOf(Buffer.from(name), directoryAt(bytes));
  return at - 46;
};
const edit = (bytes: Buffer, change: (bytes: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};

describe('reading one entry of a ZIP file', () => {
  it('reads packed and stored entries', () => {
    for (const level of [0, 6] as const) {
      const entries = readZip(zip(GOOD, level), 'a.zip', LIMITS);
      expect(entries.map((entry) => entry.name)).toEqual(['pack.json', 'READ-ME.txt']);
      expect(requireEntry(entries, 'READ-ME.txt', 'a.zip').read().toString()).toBe('read me');
    }
    expect(isZip(zip(GOOD))).toBe(true);
    expect(isZip(text('{"payloadType"'))).toBe(false);
  });

  const hostile: Record<string, readonly [string, Buffer]> = {
    'is empty': ['REVIEW_ZIP_UNREADABLE', Buffer.alloc(0)],
    'has something after its end': ['REVIEW_ZIP_UNREADABLE', Buffer.concat([zip(GOOD), text('x')])],
    'has something before its beginning': [
      'REVIEW_ZIP_CONTRADICTORY',
      Buffer.concat([text('#!/bin/sh\n'), zip(GOOD)]),
    ],
    'has no such entry': ['REVIEW_ZIP_ENTRY_MISSING', zip({ 'other.json': text('{}') })],
    'has its entry in a folder': ['REVIEW_ZIP_ENTRY_MISSING', zip({ 'a/pack.json': text('{}') })],
    'climbs out of its folder': ['REVIEW_ZIP_PATH_UNSAFE', zip({ ...GOOD, '../../etc/passwd': text('x') })],
    'names the root': ['REVIEW_ZIP_PATH_UNSAFE', zip({ ...GOOD, '/etc/passwd': text('x') })],
    'names a drive': ['REVIEW_ZIP_PATH_UNSAFE', zip({ ...GOOD, 'C:evil': text('x') })],
    'uses backslashes': ['REVIEW_ZIP_PATH_UNSAFE', zip({ ...GOOD, 'a\\b': text('x') })],
    'hides a control character': ['REVIEW_ZIP_PATH_UNSAFE', zip({ ...GOOD, 'a\u0000b': text('x') })],
    'has a name that is no text': [
      'REVIEW_ZIP_PATH_UNSAFE',
      edit(zip(GOOD), (bytes) => bytes.writeUInt8(0xff, listed(bytes, 'READ-ME.txt') + 46)),
    ],
    'has two entries whose names differ in case only': [
      'REVIEW_ZIP_DUPLICATE',
      zip({ ...GOOD, 'PACK.json': text('{"b":2}') }),
    ],
    'has two entries of one name': [
      'REVIEW_ZIP_DUPLICATE',
      edit(zip({ 'pack.json': text('1'), 'pack.jsoN': text('2') }), (bytes) => {
        for (let at = bytes.indexOf('pack.jsoN'); at >= 0; at = bytes.indexOf('pack.jsoN', at))
          bytes.write('pack.json', at);
      }),
    ],
    'has more entries than any pack': [
      'REVIEW_ZIP_TOO_LARGE',
      zip(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, text('x')]))),
    ],
    'is a bomb': ['REVIEW_ZIP_TOO_LARGE', zip({ 'pack.json': new Uint8Array(1024 * 1024) })],
    'is a bomb in an entry that nobody asked for': [
      'REVIEW_ZIP_TOO_LARGE',
      zip({ ...GOOD, bomb: new Uint8Array(1024 * 1024) }),
    ],
    'unpacks to more than all of a pack': [
      'REVIEW_ZIP_TOO_LARGE',
      zip(
        {
          a: new Uint8Array(1_900_000).fill(1),
          b: new Uint8Array(1_900_000).fill(2),
        },
        0,
      ),
    ],
    'says that it unpacks to less than it does': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => {
        bytes.writeUInt32LE(5, 22);
        bytes.writeUInt32LE(5, listed(bytes, 'pack.json') + 24);
      }),
    ],
    'says that it unpacks to more than it does': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => {
        bytes.writeUInt32LE(500, 22);
        bytes.writeUInt32LE(500, listed(bytes, 'pack.json') + 24);
      }),
    ],
    'says another size before the entry than in the list': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => bytes.writeUInt32LE(7, 22)),
    ],
    'says another name before the entry than in the list': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => bytes.write('pick.json', 30)),
    ],
    'sends two entries to the same bytes': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip({ 'pack.json': text('{"a":1}'), 'pack.jsox': text('{"a":1}') }, 0), (bytes) => {
        const second = listed(bytes, 'pack.jsox');
        bytes.writeUInt32LE(0, second + 42);
        bytes.write('pack.jsox', 30);
        bytes.write('pack.jsox', listed(bytes, 'pack.json') + 46);
        bytes.write('pack.json', second + 46);
      }),
    ],
    'counts fewer entries than it lists': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => {
        bytes.writeUInt16LE(1, bytes.length - 12);
        bytes.writeUInt16LE(1, bytes.length - 14);
      }),
    ],
    'lies about where its list is': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => bytes.writeUInt32LE(directoryAt(bytes) + 1, bytes.length - 6)),
    ],
    'claims to be on several disks': [
      'REVIEW_ZIP_CONTRADICTORY',
      edit(zip(GOOD), (bytes) => bytes.writeUInt16LE(1, bytes.length - 18)),
    ],
    'claims the large form for its list': [
      'REVIEW_ZIP_UNSUPPORTED',
      edit(zip(GOOD), (bytes) => bytes.writeUInt32LE(0xffffffff, bytes.length - 6)),
    ],
    'claims the large form for an entry': [
      'REVIEW_ZIP_UNSUPPORTED',
      edit(zip(GOOD), (bytes) => bytes.writeUInt32LE(0xffffffff, listed(bytes, 'pack.json') + 24)),
    ],
    'is encrypted': [
      'REVIEW_ZIP_UNSUPPORTED',
      edit(zip(GOOD), (bytes) => bytes.writeUInt16LE(1, listed(bytes, 'pack.json') + 8)),
    ],
    'is packed by a method of another kind': [
      'REVIEW_ZIP_UNSUPPORTED',
      edit(zip(GOOD), (bytes) => bytes.writeUInt16LE(14, listed(bytes, 'pack.json') + 10)),
    ],
    'has packed bytes that were changed': [
      'REVIEW_ZIP_UNREADABLE',
      edit(zip(GOOD, 0), (bytes) => bytes.writeUInt8(0x5b, 39)),
    ],
  };
  it.each(Object.keys(hostile))('refuses one that %s', (name) => {
    const [expected, bytes] = hostile[name] ?? ['', Buffer.alloc(0)];
    expect(code(bytes)).toBe(expected);
  });

  it('refuses one that was cut short, wherever', () => {
    const whole = zip(GOOD);
    for (let length = 0; length < whole.length; length += 1) {
      expect(code(whole.subarray(0, length))).toBe('REVIEW_ZIP_UNREADABLE');
    }
  });

  it('opens none in which one byte was changed to other content', () => {
    const whole = zip(GOOD);
    const original = Buffer.from(GOOD['pack.json']).toString();
    for (let at = 0; at < whole.length; at += 1) {
      for (const flip of [0x01, 0x80]) {
        const changed = edit(whole, (bytes) => bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at));
        let read = original;
        try {
          read = requireEntry(readZip(changed, 'a.zip', LIMITS), 'pack.json', 'a.zip')
            .read()
            .toString();
        } catch (error) {
          expect(error).toBeInstanceOf(ReviewError);
        }
        expect(read).toBe(original);
      }
    }
  });

  it('refuses a file that is larger than any pack before it reads it', () => {
    expect(code(zip(GOOD), { ...LIMITS, file: 10 })).toBe('REVIEW_ZIP_TOO_LARGE');
  });
});
