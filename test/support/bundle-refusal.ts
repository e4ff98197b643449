import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode } from '../../contract/errors.ts';
import { codedFailure } from './coded.ts';
import type { TestSite } from './test-site.ts';

/** Imports what must be refused; the catalogue must then be what it was, and no unfinished copy may lie about. */
export async function expectRefusal(
  site: TestSite,
  code: ErrorCode,
  file: string | null,
  options: Parameters<TestSite['import']>[0] = {},
): Promise<void> {
  const before = site.fingerprint();
  const failure = await codedFailure(site.import(options));
  expect([failure.code, failure.message.includes(file ?? ''), failure.message]).toEqual([
    code,
    true,
    failure.message,
  ]);
  expect(site.fingerprint()).toBe(before);
  expect(site.contentFiles().filter((name) => name.endsWith('.part'))).toEqual([]);
}

export function flipByte(site: TestSite, path: string, at?: number): void {
  const file = join(site.mediaDir, path);
  const bytes = readFileSync(file);
  const place = at ?? Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
}
