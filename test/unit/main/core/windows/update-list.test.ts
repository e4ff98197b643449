import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatWindowsUpdates,
  WindowsUpdatesReader,
  type WindowsUpdate,
} from '../../../../../main/core/windows/update-list.ts';
import { codeOf } from '../../../../support/coded.ts';

const HEAD = { date: '2024-02-13T20:00:00Z', scan: null, notes: ['one'] };
const update = (kb: string): WindowsUpdate => ({
  id: `${kb}-x64`,
  kb,
  title: 'Cumulative Update “für” Windows 10',
  description: '',
  classification: 'Security Updates',
  severity: 'critical',
  bulletin: null,
  products: ['Windows 10'],
  arch: 'x64',
  createdAt: '2024-02-13T18:00:00Z',
  reboot: 'possible',
  fixedBuilds: ['10.0.19045.4046'],
  supersededBy: [],
  prerequisites: [],
  cves: ['CVE-2024-21351'],
  files: [
    {
      name: 'windows10.0-kb5034763-x64.msu',
      size: 3,
      sha1: null,
      sha256: 'a'.repeat(64),
      url: null,
      path: 'kb5034763/windows10.0-kb5034763-x64.msu',
      signature: { state: 'read', subject: 'Microsoft Corporation', digest: null },
    },
  ],
});
const UPDATES = ['KB5034763', 'KB5034122', 'KB5033372'].map(update);
const TEXT = [...formatWindowsUpdates(HEAD, UPDATES)].join('');

function read(text: string, sizes: readonly number[] = []) {
  const reader = new WindowsUpdatesReader('windows-updates.jsonl');
  const updates: WindowsUpdate[] = [];
  let at = 0;
  for (const size of sizes) {
    updates.push(...reader.write(text.slice(at, at + size)));
    at += size;
  }
  updates.push(...reader.write(text.slice(at)));
  return { updates, head: reader.end() };
}

describe('the list of Windows updates', () => {
  it('reads what it writes, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(900), { maxLength: 8 }), (sizes) => {
        const { updates, head } = read(TEXT, sizes);
        expect(updates).toEqual(UPDATES);
        expect(head).toMatchObject({ ...HEAD, updates: 3 });
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['no line feed at the end', (text) => text.slice(0, -1)],
    ['an update less than it says', (text) => text.split('\n').toSpliced(2, 1).join('\n')],
    ['an update more than it says', (text) => text + JSON.stringify(update('KB5040000')) + '\n'],
    ['an update twice', (text) => text.replaceAll('KB5034122', 'KB5034763')],
    ['no first line of its own', (text) => text.slice(text.indexOf('\n') + 1)],
    ['another format', (text) => text.replace('updates/1', 'updates/2')],
    ['a field that nobody knows', (text) => text.replace('"arch"', '"size":1,"arch"')],
    ['a severity that nobody knows', (text) => text.replace('"critical"', '"grave"')],
    ['an article that is none', (text) => text.replace('"KB5034763"', '"5034763"')],
    ['a line that is no JSON', (text) => text.replace('}\n', '\n')],
    ['a line without end', (text) => text.slice(0, -1) + ' '.repeat(17 * 1024 * 1024)],
  ])('refuses one with %s', (_what, spoil) => {
    expect(codeOf(() => read(spoil(TEXT)))).toBe('BUNDLE_CONTENT_UNREADABLE');
  });
});
