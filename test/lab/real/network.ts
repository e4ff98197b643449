import { requireCommand, runCommand } from './command.ts';
import {
  CONTROLLER_ADDRESS,
  HOST_ADDRESS,
  type LabLayout,
  machineNetns,
  netnsFile,
  netnsOfLab,
  PREFIX_LENGTH,
} from './layout.ts';

const BRIDGE = 'br0';
const HOST_PORT = 'p-host';

/** Where a machine's cable ends in the controller's namespace: a port of the bridge. At most 15 bytes long. */
export function bridgePort(vm: string): string {
  return `p-${vm}`;
}

/**
 * Builds the lab's network: the controller's namespace holds a bridge with an address and no default route; the lab host and each
 * machine hang on it. No cable leads to the machine's own network, so there is no way out that could be left open.
 * A machine's cable is plugged in (link up) by its power.
 */
export async function createNetwork(
  layout: LabLayout,
  machines: readonly { readonly name: string; readonly address: string }[],
): Promise<void> {
  const controller = layout.controllerNetns;
  const plugs = [
    { netns: layout.hostNetns, port: HOST_PORT, address: HOST_ADDRESS },
    ...machines.map(({ name, address }) => ({
      netns: machineNetns(layout, name),
      port: bridgePort(name),
      address,
    })),
  ];
  const all = [controller, ...plugs.map(({ netns }) => netns)];
  await ipBatch(
    [],
    all.map((netns) => `netns add ${netns}`),
  );
  // IPv6 would add neighbour discovery to every count of packets, and nothing in the lab speaks it.
  await Promise.all(
    all.map((netns) =>
      requireCommand([
        'nsenter',
        `--net=${netnsFile(netns)}`,
        'sh',
        '-c',
        'for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2> /dev/null; exit 0',
      ]),
    ),
  );
  await ipBatch(
    ['-n', controller],
    [
      'link set lo up',
      `link add ${BRIDGE} type bridge`,
      `address add ${CONTROLLER_ADDRESS}/${PREFIX_LENGTH} dev ${BRIDGE}`,
      `link set ${BRIDGE} up`,
      ...plugs.flatMap(({ netns, port }) => [
        `link add ${port} type veth peer name eth0 netns ${netns}`,
        `link set ${port} master ${BRIDGE} up`,
      ]),
    ],
  );
  await Promise.all(
    plugs.map(({ netns, address }) =>
      ipBatch(['-n', netns], ['link set lo up', `address add ${address}/${PREFIX_LENGTH} dev eth0`]),
    ),
  );
  await requireCommand(['ip', '-n', layout.hostNetns, 'link', 'set', 'eth0', 'up']);
}

/** Plugs a machine's cable into the bridge, or pulls it there; the machine itself still sees its own end as plugged in. */
export async function setBridgePort(layout: LabLayout, vm: string, state: 'up' | 'down'): Promise<void> {
  await requireCommand(['ip', '-n', layout.controllerNetns, 'link', 'set', bridgePort(vm), state]);
}

/** Network namespaces of this lab that exist. */
export async function listNetworks(layout: LabLayout, vms: readonly string[]): Promise<string[]> {
  const listing = await runCommand(['ip', 'netns', 'list']);
  const existing = listing.stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return netnsOfLab(layout, existing, vms);
}

/** Takes the network away, in whatever state it is. */
export async function removeNetwork(layout: LabLayout, vms: readonly string[]): Promise<void> {
  const existing = await listNetworks(layout, vms);
  if (existing.includes(layout.controllerNetns)) {
    // A process of the controller may outlive the name of its namespace: take the bridge and the cables from it.
    const links = await runCommand([
      'ip',
      '-n',
      layout.controllerNetns,
      '-o',
      'link',
      'show',
      'type',
      'veth',
    ]);
    const ports = [...links.stdout.matchAll(/^\d+: ([^@:]+)[@:]/gm)].map((match) => match[1]);
    for (const link of [...ports, BRIDGE]) {
      if (link) await runCommand(['ip', '-n', layout.controllerNetns, 'link', 'delete', link]);
    }
  }
  for (const netns of existing) await requireCommand(['ip', 'netns', 'delete', netns]);
}

async function ipBatch(options: readonly string[], lines: readonly string[]): Promise<void> {
  await requireCommand(['ip', ...options, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
