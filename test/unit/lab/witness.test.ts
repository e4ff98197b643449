import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyDpkgUpdates, comparePackages, parseDpkgStatus } from '../../lab/real/dpkg-status.ts';
import { compareTrees, digestTree, readTree } from '../../lab/real/tree-digest.ts';
import { parseListeners, parseOutNoRoutes, parseTraffic, witnessRules } from '../../lab/real/witness.ts';

const PEERS = [{ name: 'web-1', address: '10.77.0.11', port: 22 }];

describe('the traffic witness', () => {
  it('lets loopback and the inventory pass before it counts the rest', () => {
    const rules = witnessRules(PEERS)
      .split('\n')
      .map((line) => line.trim());
    const order = ['oifname "lo" accept', 'ip daddr 10.77.0.11 tcp dport 22 counter name "out_0" accept'];
    expect(rules.filter((rule) => [...order, 'counter name "out_other"'].includes(rule))).toEqual([
      ...order,
      'counter name "out_other"',
    ]);
  });

  it('reads counters by peer, and where the rest went', () => {
    const counter = (name: string, packets: number): object => ({
      counter: { family: 'inet', name, table: 't', handle: 1, packets, bytes: packets * 10 },
    });
    const json = JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        { table: { family: 'inet', name: 't' } },
        ...[counter('syn_0', 1), counter('out_0', 5), counter('in_0', 4)],
        ...[counter('out_other', 2), counter('in_other', 0)],
        { set: { name: 'strays', elem: [{ concat: ['10.77.0.99', 'udp', 53] }] } },
      ],
    });
    expect(parseTraffic(json, PEERS)).toEqual({
      peers: [
        {
          ...{ name: 'web-1', address: '10.77.0.11', port: 22, connectionAttempts: 1 },
          ...{ packetsOut: 5, bytesOut: 50, packetsIn: 4, bytesIn: 40 },
        },
      ],
      other: { packetsOut: 2, packetsIn: 0 },
      strayDestinations: ['10.77.0.99 udp/53'],
    });
  });

  it('reads how often there was no route', () => {
    const snmp = 'Ip: Forwarding DefaultTTL OutDiscards OutNoRoutes\nIp: 2 64 0 7\nIcmp: InMsgs\nIcmp: 0\n';
    expect(parseOutNoRoutes(snmp)).toBe(7);
    expect(() => parseOutNoRoutes('Ip: Forwarding\nIp: 2\n')).toThrow(/OutNoRoutes/);
  });

  it('reads who listens', () => {
    const text = [
      'tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=71,fd=3))',
      'udp   UNCONN 0      0          127.0.0.1:323       0.0.0.0:*',
      '',
    ].join('\n');
    expect(parseListeners(text)).toEqual([
      { protocol: 'tcp', local: '0.0.0.0:22', process: 'sshd', pid: 71 },
      { protocol: 'udp', local: '127.0.0.1:323', process: null, pid: null },
    ]);
  });
});

describe('the tree witness', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tree-'));
    for (const folder of ['etc', 'var/log', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, 'etc/hosts'), 'one\n');
    writeFileSync(join(root, 'usr/bin/tool'), 'tool\n', { mode: 0o755 });
    symlinkSync('tool', join(root, 'usr/bin/alias'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it.each<[string, (root: string) => void, string, string]>([
    [
      'content of the same size',
      (dir) => writeFileSync(join(dir, 'etc/hosts'), 'two\n'),
      '/etc/hosts',
      'changed',
    ],
    ['a mode', (dir) => chmodSync(join(dir, 'usr/bin/tool'), 0o700), '/usr/bin/tool', 'changed'],
    ['a new file', (dir) => writeFileSync(join(dir, 'etc/new'), ''), '/etc/new', 'added'],
    ['a file that is gone', (dir) => rmSync(join(dir, 'etc/hosts')), '/etc/hosts', 'removed'],
    [
      'the target of a link',
      (dir) => {
        rmSync(join(dir, 'usr/bin/alias'));
        symlinkSync('other', join(dir, 'usr/bin/alias'));
      },
      '/usr/bin/alias',
      'changed',
    ],
  ])('sees %s', (_what, change, path, kind) => {
    const before = readTree(root);
    change(root);
    const after = readTree(root);
    expect(compareTrees(before, after)).toEqual({ differences: [{ path, kind }], volatile: [] });
    expect(digestTree(after)).not.toBe(digestTree(before));
  });

  it('sets volatile paths aside without hiding them, and takes no sibling for one', () => {
    const before = readTree(root);
    writeFileSync(join(root, 'var/log/auth.log'), 'login\n');
    writeFileSync(join(root, 'var/logbook'), 'kept\n');
    const after = readTree(root);
    expect(compareTrees(before, after)).toEqual({
      differences: [{ path: '/var/logbook', kind: 'added' }],
      volatile: [{ path: '/var/log/auth.log', kind: 'added' }],
    });
  });
});

describe("dpkg's database", () => {
  const paragraph = (name: string, version: string, status = 'install ok installed'): string =>
    `Package: ${name}\nStatus: ${status}\nArchitecture: amd64\nVersion: ${version}\nDescription: x\n more\n`;

  it('is read without a program of the endpoint', () => {
    const text = `${paragraph('openssl', '3.0.20-1')}\n${paragraph('curl', '7.88', 'install ok half-configured')}`;
    expect(parseDpkgStatus(text)).toEqual([
      { name: 'curl', version: '7.88', architecture: 'amd64', state: 'half-configured' },
      { name: 'openssl', version: '3.0.20-1', architecture: 'amd64', state: 'installed' },
    ]);
  });

  it('is read with its journal, which is newer, in the order of its numbers', () => {
    const database = parseDpkgStatus(`${paragraph('a', '1')}\n${paragraph('b', '1')}`);
    const updates = [
      { name: '0010', text: paragraph('a', '2', 'install ok half-configured') },
      { name: '0009', text: paragraph('a', '2', 'install ok unpacked') },
      { name: 'tmp.i', text: paragraph('b', '9') },
    ];
    expect(
      applyDpkgUpdates(database, updates).map(({ name, version, state }) => [name, version, state]),
    ).toEqual([
      ['a', '2', 'half-configured'],
      ['b', '1', 'installed'],
    ]);
  });

  it('is compared by version and by state', () => {
    const before = parseDpkgStatus(`${paragraph('a', '1')}\n${paragraph('b', '1')}\n${paragraph('c', '1')}`);
    const after = parseDpkgStatus(
      `${paragraph('a', '2')}\n${paragraph('b', '1', 'install ok unpacked')}\n${paragraph('d', '1')}`,
    );
    expect(comparePackages(before, after)).toEqual([
      { package: 'a:amd64', before: '1', after: '2' },
      { package: 'b:amd64', before: '1', after: '1 (unpacked)' },
      { package: 'c:amd64', before: '1', after: null },
      { package: 'd:amd64', before: null, after: '1' },
    ]);
  });
});
