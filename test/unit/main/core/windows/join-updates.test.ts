import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSafePath } from '../../../../../main/core/bundle/logical-path.ts';
import { joinUpdates, type HashedPayload } from '../../../../../main/core/windows/join-updates.ts';
import { parsePayloadFacts, type PayloadFacts } from '../../../../../main/core/windows/microsoft-facts.ts';
import type { MsrcFix } from '../../../../../main/core/windows/msrc.ts';
import type { WindowsUpdate } from '../../../../../main/core/windows/update-list.ts';
import { codeOf } from '../../../../support/coded.ts';

const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
const payload = (name: string, text = name): HashedPayload => ({
  name,
  size: text.length,
  sha1: digest('sha1', text),
  sha256: digest('sha256', text),
  signature: null,
});
const scanned = (id: number, kb: string, more: Partial<WindowsUpdate> = {}): WindowsUpdate => ({
  id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  kb,
  title: kb,
  description: '',
  classification: 'Security Updates',
  severity: 'not stated',
  bulletin: null,
  products: ['Windows 10'],
  arch: 'x64',
  createdAt: null,
  reboot: null,
  fixedBuilds: [],
  supersededBy: [],
  prerequisites: [],
  cves: [],
  files: [],
  ...more,
});
const fix = (kb: string, more: Partial<MsrcFix> = {}): MsrcFix => ({
  cve: null,
  kb,
  product: 'Windows 10 for x64-based Systems',
  arch: 'x64',
  fixedBuild: null,
  severity: 'high',
  supersedes: [],
  title: '',
  releasedAt: null,
  ...more,
});
const facts = (rows: readonly object[]): readonly PayloadFacts[] =>
  parsePayloadFacts(JSON.stringify({ format: 'sallyport-microsoft-files/1', files: rows }), 'catalogue.json');
const join = (more: Partial<Parameters<typeof joinUpdates>[0]>) =>
  joinUpdates({ scanned: [], fixes: [], facts: [], payloads: [], ...more });
const reasons = (more: Partial<Parameters<typeof joinUpdates>[0]>): string[] =>
  join(more).refused.map(({ reason }) => reason);

describe('which files are carried', () => {
  const file = payload('windows10.0-kb5034763-x64.cab');
  const listed = (sha1: string | null, sha256: string | null, size = file.size): WindowsUpdate =>
    scanned(1, 'KB5034763', {
      files: [{ name: 'x', size, sha1, sha256, url: null, path: null, signature: null }],
    });

  it('those of whose digest the scan file, the notes or the catalogue’s name tells', () => {
    const named = payload(`windows10.0-kb5034763-x64_${digest('sha1', 'x')}.msu`, 'x');
    const noted = payload('tool.exe');
    const { carried, refused, updates } = join({
      scanned: [listed(file.sha1, null)],
      facts: facts([{ file: 'TOOL.exe', kb: '890830', sha1: noted.sha1.toUpperCase() }]),
      payloads: [file, named, noted],
    });
    expect(refused).toEqual([]);
    expect([...carried.values()]).toEqual([
      'kb5034763/windows10.0-kb5034763-x64.cab',
      `kb5034763/${named.name}`,
      'kb890830/tool.exe',
    ]);
    expect(updates.map((update) => [update.id, update.files.length])).toEqual([
      ['00000000-0000-4000-8000-000000000001', 2],
      ['KB890830-all', 1],
    ]);
  });

  it.each<[string, Parameters<typeof reasons>[0]]>([
    ['nothing says what its digest must be', { payloads: [file] }],
    ['its SHA-1 is not the one in its name', { payloads: [payload(`kb5034763_${'0'.repeat(40)}.msu`)] }],
    [
      'its SHA-1 is that of a file of Microsoft’s, but its SHA-256 is another',
      { payloads: [file], scanned: [listed(file.sha1, '0'.repeat(64))] },
    ],
    [
      'its size is not the one that the scan file states',
      { payloads: [file], scanned: [listed(file.sha1, null, 7)] },
    ],
    [
      'its SHA-256 is not the one that the catalogue file states',
      {
        payloads: [file],
        scanned: [listed(file.sha1, null)],
        facts: facts([{ file: file.name, kb: 'KB5034763', sha256: '0'.repeat(64) }]),
      },
    ],
    [
      'its SHA-1 is not the one that the catalogue file states',
      {
        payloads: [file],
        facts: facts([{ file: file.name, kb: 'KB5034763', sha256: file.sha256, sha1: '0'.repeat(40) }]),
      },
    ],
    [
      'neither its name nor the catalogue says which article it belongs to',
      { payloads: [payload(`a_${digest('sha1', 'x')}.msu`, 'x')] },
    ],
  ])('not one where %s', (reason, input) => {
    expect(reasons(input)).toEqual([reason]);
  });

  it('under paths that every disk takes, each its own', () => {
    const names = ['a b.msu', 'A.msu', 'a.msu', 'con.msu', 'ü.msu', '..msu'];
    const files = names.map((name) => payload(name));
    const { carried } = join({
      facts: facts(files.map(({ name, sha256 }) => ({ file: name, kb: '5034763', sha256 })).toSpliced(1, 1)),
      payloads: files.toSpliced(1, 1),
    });
    expect(new Set([...carried.values()].map((path) => path.toLowerCase())).size).toBe(5);
    for (const path of carried.values()) expect(isSafePath(`microsoft/${path}`)).toBe(true);
  });
});

describe('what articles replace', () => {
  it('goes to the updates of their architecture, and circles are told of', () => {
    const { updates, notes } = join({
      scanned: [
        scanned(1, 'KB5000001'),
        scanned(2, 'KB5000001', { arch: 'arm64' }),
        scanned(3, 'KB5000002'),
        scanned(4, 'KB5000002', { arch: 'arm64' }),
      ],
      fixes: [
        fix('KB5000002', { supersedes: ['KB5000001'] }),
        fix('KB5000001', { supersedes: ['KB5000002', 'KB5000009'], arch: 'arm64' }),
      ],
    });
    const [one, two, three, four] = updates;
    expect(one?.supersededBy).toEqual([three?.id]);
    expect(two?.supersededBy).toEqual([]);
    expect(three?.supersededBy).toEqual([]);
    expect(four?.supersededBy).toEqual([two?.id]);
    expect(notes).toEqual([]);
    const circle = join({
      scanned: [scanned(1, 'KB5000001'), scanned(2, 'KB5000002')],
      fixes: [
        fix('KB5000002', { supersedes: ['KB5000001'] }),
        fix('KB5000001', { supersedes: ['KB5000002'] }),
      ],
    });
    expect(circle.notes).toEqual(['replace one another in a circle: KB5000001, KB5000002']);
  });
});

describe('a person’s notes of files', () => {
  const CSV =
    '\uFEFFfile,kb,title,products,supersedes,sha256\r\na.msu,KB5034763,"Update, ""big""",Windows 10; Windows 11,5034122;5033372,' +
    'a'.repeat(64) +
    '\r\n\r\n';

  it('are read from CSV as from JSON', () => {
    expect(parsePayloadFacts(CSV, 'catalogue.csv')).toEqual(
      facts([
        {
          file: 'a.msu',
          kb: '5034763',
          title: 'Update, "big"',
          products: ['Windows 10', 'Windows 11'],
          supersedes: ['5034122', 'KB5033372'],
          sha256: 'A'.repeat(64),
        },
      ]),
    );
  });

  it.each([
    ['a column that nobody knows', 'catalogue.csv', 'file,kb,size\na,5034763,1\n'],
    ['a line with fewer cells', 'catalogue.csv', 'file,kb\na\n'],
    ['an article that is none', 'catalogue.csv', 'file,kb\na,KB12\n'],
    ['a digest that is none', 'catalogue.csv', 'file,kb,sha1\na,5034763,abc\n'],
    ['a file twice', 'catalogue.csv', 'file,kb\na,5034763\nA,5034763\n'],
    ['no JSON', 'catalogue.json', '{'],
    ['another format', 'catalogue.json', '{"format":"x","files":[]}'],
    [
      'a field that nobody knows',
      'catalogue.json',
      '{"format":"sallyport-microsoft-files/1","files":[{"file":"a","kb":"5034763","x":1}]}',
    ],
  ])('are refused with %s', (_what, name, text) => {
    expect(codeOf(() => parsePayloadFacts(text, name))).toBe('COLLECT_FACTS_INVALID');
  });
});
