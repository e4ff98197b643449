import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readOfflineScan } from '../../../../main/collect/read-offline-scan.ts';
import { writeCabinet } from '../../../support/cabinet-writer.ts';
import { codedFailure } from '../../../support/coded.ts';
import { makeOfflineScan, updateIdOf, type MadeUpdate, type Pack } from '../../../support/offline-scan.ts';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-scan-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = join(dir, 'wsusscn2.cab');
const scratchDir = dir;

async function read(bytes: Buffer) {
  writeFileSync(path, bytes);
  return readOfflineScan(path, { scratchDir });
}

const PAYLOAD = Buffer.from('the bytes of an update');
const UPDATES: readonly MadeUpdate[] = [
  {
    revision: 101,
    kb: '5033372',
    supersededBy: [102],
    createdAt: '2023-12-12T18:00:00Z',
    severity: 'Critical',
  },
  {
    revision: 102,
    kb: '5034122',
    prerequisites: [[103]],
    payload: [
      { name: 'windows10.0-kb5034122-x64.cab', data: PAYLOAD },
      { name: 'old.cab', data: Buffer.from('old'), withSha256: false },
    ],
  },
  {
    revision: 103,
    kb: '5031539',
    title: 'Servicing Stack Update for ARM64-based Systems & "more" (KB5031539)',
  },
  { revision: 104, kb: '890830', product: 'Windows Server 2019', title: 'Malicious Software Removal Tool' },
];

const lzx: Pack = (files) =>
  writeCabinet([
    { compression: { windowBits: 18, kinds: ['verbatim', 'aligned'], blockSize: 50_000 }, files },
  ]);
const mszip: Pack = (files) => writeCabinet([{ compression: 'mszip', files }]);

describe('reading wsusscn2.cab', () => {
  it.each<[string, Pack]>([
    ['MSZIP', mszip],
    ['LZX, as Microsoft packs it', lzx],
  ])('tells title, article, severity, supersedence, products and files (%s)', async (_what, pack) => {
    const scan = await read(makeOfflineScan(UPDATES, { pack }));
    expect(scan.createdAt).toBe('2024-02-13T20:00:00Z');
    expect(scan.updates.map((update) => update.kb)).toEqual([
      'KB5033372',
      'KB5034122',
      'KB5031539',
      'KB890830',
    ]);
    const [old, newer, stack, tool] = scan.updates;
    expect(old).toMatchObject({ severity: 'critical', supersededBy: [updateIdOf(102)], reboot: 'possible' });
    expect(newer).toMatchObject({
      title: '2024-01 Cumulative Update for Windows 10 Version 22H2 for x64-based Systems (KB5034122)',
      classification: 'Security Updates',
      products: ['Windows 10, version 1903 and later'],
      arch: 'x64',
      severity: 'high',
      createdAt: '2024-01-09T18:00:00Z',
      supersededBy: [],
      prerequisites: [[updateIdOf(103)]],
    });
    expect(newer?.files).toEqual([
      {
        name: 'windows10.0-kb5034122-x64.cab',
        size: PAYLOAD.length,
        sha1: createHash('sha1').update(PAYLOAD).digest('hex'),
        sha256: createHash('sha256').update(PAYLOAD).digest('hex'),
        url: 'http://download.windowsupdate.com/c/windows10.0-kb5034122-x64.cab',
        path: null,
        signature: null,
      },
      expect.objectContaining({ name: 'old.cab', sha256: null }),
    ]);
    expect(stack).toMatchObject({ arch: 'arm64', title: expect.stringContaining('& "more"') as string });
    expect(tool).toMatchObject({ arch: 'all', products: ['Windows Server 2019'] });
    // What was copied out is gone.
    expect(readdirSync(dir)).toEqual(['wsusscn2.cab']);
  });

  const packed = (files: Record<string, string | Buffer>): Buffer =>
    mszip(Object.entries(files).map(([name, data]) => ({ name, data: Buffer.from(data) })));
  const INDEX = '<INDEX><CABLIST><CAB NAME="package.cab"/></CABLIST></INDEX>';
  const withPackage = (xml: string): Buffer =>
    packed({ 'index.xml': INDEX, 'package.cab': packed({ 'package.xml': xml }) });
  const update = (body: string): string =>
    `<OfflineSyncPackage><Updates><Update UpdateId="${updateIdOf(1)}" RevisionNumber="1" RevisionId="1">${body}</Update></Updates></OfflineSyncPackage>`;

  it.each<[string, Buffer, string]>([
    ['without an index', packed({ a: 'b' }), 'COLLECT_SCAN_INVALID'],
    ['whose index is no XML', packed({ 'index.xml': 'x' }), 'COLLECT_SCAN_INVALID'],
    ['whose index names what is not there', packed({ 'index.xml': INDEX }), 'COLLECT_SCAN_INVALID'],
    [
      'whose index names a path',
      packed({ 'index.xml': INDEX.replace('package.cab', '../package.cab') }),
      'COLLECT_SCAN_INVALID',
    ],
    [
      'whose inner cabinet is none',
      packed({ 'index.xml': INDEX, 'package.cab': 'x' }),
      'COLLECT_CABINET_UNREADABLE',
    ],
    ['with a document type', withPackage('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 'COLLECT_SCAN_INVALID'],
    ['with an entity of nobody', withPackage('<a>&b;</a>'), 'COLLECT_SCAN_INVALID'],
    ['cut off', withPackage('<OfflineSyncPackage><Updates>'), 'COLLECT_SCAN_INVALID'],
    ['nested without end', withPackage('<a>'.repeat(1_000)), 'COLLECT_SCAN_INVALID'],
    ['with a text without end', withPackage(`<a>${'b'.repeat(5_000_000)}</a>`), 'COLLECT_SCAN_INVALID'],
    ['with an id that is none', withPackage(update('').replace('4000', 'zzzz')), 'COLLECT_SCAN_INVALID'],
    [
      'with a reference that is none',
      withPackage(update('<SupersededBy><Revision Id="-1"/></SupersededBy>')),
      'COLLECT_SCAN_INVALID',
    ],
    [
      'with a digest that is none',
      withPackage(update('<PayloadFiles><File Id="abc"/></PayloadFiles>')),
      'COLLECT_SCAN_INVALID',
    ],
    [
      'with a cabinet as its own part',
      packed({ 'index.xml': INDEX, 'package.cab': packed({ a: 'b' }) }),
      'COLLECT_SCAN_INVALID',
    ],
  ])('refuses one %s', async (_what, bytes, code) => {
    expect((await codedFailure(read(bytes))).code).toBe(code);
    expect(readdirSync(dir)).toEqual(['wsusscn2.cab']);
  });

  it('does not lose itself where updates are parts of one another', async () => {
    const xml = `<OfflineSyncPackage><Updates>${[1, 2]
      .map(
        (id) =>
          `<Update UpdateId="${updateIdOf(id)}" RevisionNumber="1" RevisionId="${id}"><BundledBy><Revision Id="${3 - id}"/></BundledBy></Update>`,
      )
      .join('')}</Updates></OfflineSyncPackage>`;
    const x = `<ExtendedProperties/><Files><File Digest="fQTAfvF3nDnhdPA/eUmJ+CSM/3Q=" DigestAlgorithm="SHA1" FileName="a" Size="1"/></Files>`;
    const index = INDEX.replace('</CABLIST>', '<CAB NAME="package2.cab" RANGESTART="0"/></CABLIST>');
    const scan = await read(
      packed({
        'index.xml': index,
        'package.cab': packed({ 'package.xml': xml }),
        'package2.cab': packed({ 'x\\1': x, 'x\\2': x }),
      }),
    );
    expect(scan.updates).toEqual([]);
  });
});
