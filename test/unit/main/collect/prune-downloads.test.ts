import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadPath } from '../../../../main/collect/fetch-file.ts';
import { pruneDownloads } from '../../../../main/collect/prune-downloads.ts';

const NOW = '2026-11-24T00:00:00.000Z';
const hash = (digit: string): string => digit.repeat(64);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-prune-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A file of ten bytes, used so many days ago. @returns where it is */
function put(file: string, daysAgo: number): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '0123456789');
  const time = Date.parse(NOW) / 1_000 - daysAgo * 86_400;
  utimesSync(file, time, time);
  return file;
}

describe('the download folder, after a build', () => {
  it('loses what was not used for so many days, unfinished files too, and nothing that the build is made of', () => {
    const own = put(downloadPath(dir, hash('a')), 400);
    const recent = put(downloadPath(dir, hash('b')), 59);
    const old = put(downloadPath(dir, hash('c')), 61);
    const cut = put(`${downloadPath(dir, hash('d'))}.part`, 61);
    const long = put(downloadPath(dir, 'e'.repeat(128)), 61);
    const rules = { keepDays: 60, maxBytes: null };
    expect(pruneDownloads(dir, [hash('a')], NOW, rules)).toEqual({ files: 3, bytes: 30, leftBytes: 20 });
    expect([own, recent, old, cut, long].map((file) => existsSync(file))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    // What a build used counts as used then.
    const later = '2027-01-20T00:00:00.000Z';
    expect(pruneDownloads(dir, [], later, rules)).toEqual({ files: 1, bytes: 10, leftBytes: 10 });
    expect(existsSync(own)).toBe(true);
  });

  it('loses the longest unused beyond its size, but nothing that another build may be using now', () => {
    const files = [
      put(downloadPath(dir, hash('a')), 30),
      put(downloadPath(dir, hash('b')), 20),
      put(downloadPath(dir, hash('c')), 10),
      put(downloadPath(dir, hash('d')), 0.5),
    ];
    expect(pruneDownloads(dir, [], NOW, { keepDays: 60, maxBytes: 25 })).toEqual({
      files: 2,
      bytes: 20,
      leftBytes: 20,
    });
    expect(files.map((file) => existsSync(file))).toEqual([false, false, true, true]);
    expect(pruneDownloads(dir, [], NOW, { keepDays: 60, maxBytes: 0 })).toMatchObject({ files: 1 });
    expect(existsSync(files[3] ?? '')).toBe(true);
  });

  it('keeps whatever is not named as a download is', () => {
    const others = [
      put(join(dir, 'vendor-keys-0123456789abcdef.gpg'), 400),
      put(join(dir, 'aa', 'notes.txt'), 400),
      put(join(dir, 'aa', hash('b')), 400),
      put(join(dir, 'photos', hash('a')), 400),
    ];
    expect(pruneDownloads(dir, [], NOW, { keepDays: 0, maxBytes: 0 })).toEqual({
      files: 0,
      bytes: 0,
      leftBytes: 0,
    });
    expect(others.every((file) => existsSync(file))).toBe(true);
    expect(pruneDownloads(join(dir, 'nowhere'), [], NOW, { keepDays: 0, maxBytes: 0 }).files).toBe(0);
  });
});
