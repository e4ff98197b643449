import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { requireCommand } from './command.ts';
import { hostPath } from './host.ts';
import { DISKS_ROOT, type LabLayout, SNAPSHOTS_ROOT } from './layout.ts';
import { inController } from './site.ts';
import { readTree, type Tree } from './tree-digest.ts';

// Independent observers of what a program under test really did: none of them asks that program.

export { comparePackages, readPackages } from './dpkg-status.ts';
export { compareTrees, digestTree } from './tree-digest.ts';

const TABLE = 'sallyport_witness';

/** An address and port that the controller may talk to. */
export type ExpectedPeer = { readonly name: string; readonly address: string; readonly port: number };

export type PeerTraffic = ExpectedPeer & {
  /** Packets from the controller that open a connection (SYN); one that is sent again counts again. */
  readonly connectionAttempts: number;
  readonly packetsOut: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly bytesIn: number;
};

export type Traffic = {
  readonly peers: readonly PeerTraffic[];
  /** Everything else that left or reached the controller, its own loopback aside. */
  readonly other: { readonly packetsOut: number; readonly packetsIn: number };
  /** Where the other packets went, `address protocol/port`; TCP and UDP only. */
  readonly strayDestinations: readonly string[];
  /** Attempts that the kernel refused for want of a route, so that no packet ever left (IpOutNoRoutes of /proc/net/snmp). */
  readonly attemptsWithoutRoute: number;
};

/** The rule set that counts: one pair of counters per peer, one pair for everything else. */
export function witnessRules(peers: readonly ExpectedPeer[]): string {
  const counters = peers.flatMap((_, index) => [`syn_${index}`, `out_${index}`, `in_${index}`]);
  const output = peers.flatMap(({ address, port }, index) => [
    `ip daddr ${address} tcp dport ${port} tcp flags & (syn | ack) == syn counter name "syn_${index}"`,
    `ip daddr ${address} tcp dport ${port} counter name "out_${index}" accept`,
  ]);
  const input = peers.map(
    ({ address, port }, index) => `ip saddr ${address} tcp sport ${port} counter name "in_${index}" accept`,
  );
  return [
    `table inet ${TABLE} {`,
    ...[...counters, 'out_other', 'in_other'].map((name) => `  counter ${name} { packets 0 bytes 0 }`),
    '  set strays { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 4096; }',
    '  chain output { type filter hook output priority 0; policy accept;',
    ...['oifname "lo" accept', ...output, 'counter name "out_other"'].map((rule) => `    ${rule}`),
    '    meta l4proto { tcp, udp } add @strays { ip daddr . meta l4proto . th dport }',
    '  }',
    '  chain input { type filter hook input priority 0; policy accept;',
    ...['iifname "lo" accept', ...input, 'counter name "in_other"'].map((rule) => `    ${rule}`),
    '  }',
    '}',
    '',
  ].join('\n');
}

const nftSchema = z.object({
  nftables: z.array(
    z.object({
      counter: z.object({ name: z.string(), packets: z.number(), bytes: z.number() }).optional(),
      set: z
        .object({
          elem: z.array(z.object({ concat: z.array(z.union([z.string(), z.number()])) })).optional(),
        })
        .optional(),
    }),
  ),
});

/** Reads `nft -j list table`: the counters by peer. */
export function parseTraffic(
  json: string,
  peers: readonly ExpectedPeer[],
): Omit<Traffic, 'attemptsWithoutRoute'> {
  const { nftables } = nftSchema.parse(JSON.parse(json));
  const counters = new Map(
    nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter] as const] : [])),
  );
  const counter = (name: string): { packets: number; bytes: number } => {
    const found = counters.get(name);
    if (!found) throw new Error(`the witness has no counter ${name}`);
    return found;
  };
  return {
    peers: peers.map((peer, index) => ({
      ...peer,
      connectionAttempts: counter(`syn_${index}`).packets,
      packetsOut: counter(`out_${index}`).packets,
      bytesOut: counter(`out_${index}`).bytes,
      packetsIn: counter(`in_${index}`).packets,
      bytesIn: counter(`in_${index}`).bytes,
    })),
    other: { packetsOut: counter('out_other').packets, packetsIn: counter('in_other').packets },
    strayDestinations: nftables
      .flatMap(({ set }) => set?.elem ?? [])
      .map(({ concat: [address, protocol, port] }) => `${address} ${protocol}/${port}`)
      .sort(),
  };
}

/** IpOutNoRoutes of /proc/net/snmp: how often something was to be sent that no route leads to. */
export function parseOutNoRoutes(snmp: string): number {
  const [names, values] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  const value = Number(values?.[names?.indexOf('OutNoRoutes') ?? -1]);
  if (!Number.isInteger(value)) throw new Error('/proc/net/snmp has no Ip OutNoRoutes');
  return value;
}

/** Starts counting in the controller's namespace, from zero; counting already: starts again from zero. */
export async function startTrafficWitness(
  layout: LabLayout,
  inventory: readonly ExpectedPeer[],
): Promise<void> {
  // Callers pass endpoints whole, passwords included: keep what is counted.
  const peers = inventory.map(({ name, address, port }) => ({ name, address, port }));
  const fresh = `table inet ${TABLE}\ndelete table inet ${TABLE}\n${witnessRules(peers)}`;
  await requireCommand(inController(['nft', '-f', '-'], layout), { input: fresh });
  const outNoRoutes = parseOutNoRoutes(await readSnmp(layout));
  writeFileSync(witnessFile(layout), JSON.stringify({ peers, outNoRoutes }));
}

/** What was counted since {@link startTrafficWitness}. */
export async function readTraffic(layout: LabLayout): Promise<Traffic> {
  const { peers, outNoRoutes } = readWitness(layout);
  const json = await requireCommand(inController(['nft', '-j', 'list', 'table', 'inet', TABLE], layout));
  const now = parseOutNoRoutes(await readSnmp(layout));
  return { ...parseTraffic(json, peers), attemptsWithoutRoute: now - outNoRoutes };
}

/** Starts again from zero, with the same peers. */
export async function resetTraffic(layout: LabLayout): Promise<void> {
  await startTrafficWitness(layout, readWitness(layout).peers);
}

const witnessSchema = z.object({
  peers: z.array(z.object({ name: z.string(), address: z.string(), port: z.number() })),
  outNoRoutes: z.number(),
});

function readWitness(layout: LabLayout): z.infer<typeof witnessSchema> {
  return witnessSchema.parse(JSON.parse(readFileSync(witnessFile(layout), 'utf8')));
}

function witnessFile(layout: LabLayout): string {
  return `${layout.runDir}/witness.json`;
}

function readSnmp(layout: LabLayout): Promise<string> {
  return requireCommand(inController(['cat', '/proc/net/snmp'], layout));
}

/** A socket on which a program waits for others. */
export type Listener = {
  readonly protocol: 'tcp' | 'udp';
  readonly local: string;
  readonly process: string | null;
  readonly pid: number | null;
};

/** Parses `ss -H -lntup`. */
export function parseListeners(text: string): Listener[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [protocol, , , , local] = line.trim().split(/\s+/);
      if ((protocol !== 'tcp' && protocol !== 'udp') || local === undefined) {
        throw new Error(`not a line of ss: ${line}`);
      }
      const owner = /users:\(\("([^"]*)",pid=(\d+)/.exec(line);
      return { protocol, local, process: owner?.[1] ?? null, pid: owner ? Number(owner[2]) : null };
    });
}

/** Programs that wait for connections or datagrams in the controller's namespace, its loopback included. */
export async function listListeners(layout: LabLayout): Promise<Listener[]> {
  return parseListeners(await requireCommand(inController(['ss', '-H', '-lntup'], layout)));
}

/** The tree of a machine's disk, or of one of its snapshots, as it is on the lab host. Reads every file: seconds. */
export function readDiskTree(layout: LabLayout, vm: string, snapshot?: string): Tree {
  const subvolume = snapshot === undefined ? `${DISKS_ROOT}/${vm}` : `${SNAPSHOTS_ROOT}/${vm}/${snapshot}`;
  return readTree(hostPath(layout, subvolume));
}
