import { makeHostKey, type HostKey } from '../../support/loopback-endpoint.ts';
import { startSshServer, type SshServer } from '../../support/ssh-server.ts';
import { readBaseSystem, type BaseSystem, type PackageState } from './base-system.ts';
import { Disk } from './disk.ts';
import { serveCommand, serveMachine, type Account, type EndpointServer } from './endpoint-server.ts';
import { HypervisorHost } from './hypervisor-host.ts';
import { FAST, Machine, type Speed } from './machine.ts';
import { makeVendor, prepareBase, type Vendor } from './vendor.ts';

export const USER = 'ops';

export interface LabEndpoint {
  readonly name: string;
  readonly group: string;
  readonly machine: Machine;
  readonly account: Account;
  readonly front: EndpointServer;
  /** How the product logs in. */
  readonly login:
    | { readonly kind: 'private-key'; readonly privateKey: string }
    | { readonly kind: 'password'; readonly password: string };
  /** What the product is told of sudo. */
  readonly sudo: { readonly kind: 'passwordless' } | { readonly kind: 'password'; readonly password: string };
  /** Its disk as it was when the lab came up. */
  readonly pristine: Disk;
}

/** Three kinds of endpoint, as they differ in the field: packages left out, and packages that are up to date already. */
const KINDS = [
  { name: 'web', group: 'Web servers', without: [] },
  {
    name: 'db',
    group: 'Databases',
    without: ['nginx', 'nginx-common', 'nginx-light', 'libnginx-mod-http-echo'],
  },
  {
    name: 'app',
    group: 'Applications',
    without: [
      'nginx',
      'nginx-common',
      'nginx-light',
      'libnginx-mod-http-echo',
      'libsasl2-2',
      'libsasl2-modules-db',
    ],
  },
] as const;

/**
 * Simulated endpoints and their host, inside this process: real SSH servers on loopback whose machines are values in
 * memory. It needs no rights and no network. Everything that a person sees of it must say *simulated*.
 *
 * Faithful: SSH, SFTP, sudo's questions, every hash, the formats of what commands print (from transcripts of a real Debian 12),
 * at most one install for a stage, what a restart, a power cut or a restore leaves. Not faithful: the vendor's signature (see
 * vendor.ts), apt's resolver beyond what the made-up repository needs, dpkg's maintainer scripts, times.
 */
export class EmbeddedLab {
  readonly host: HypervisorHost;
  readonly hostServer: SshServer;
  readonly hostKey: HostKey;
  readonly hostLogin: { readonly kind: 'private-key'; readonly privateKey: string };
  readonly endpoints: readonly LabEndpoint[];
  readonly vendor: Vendor;

  private constructor(parts: {
    host: HypervisorHost;
    hostServer: SshServer;
    hostKey: HostKey;
    operatorKey: HostKey;
    endpoints: readonly LabEndpoint[];
    vendor: Vendor;
  }) {
    this.host = parts.host;
    this.hostServer = parts.hostServer;
    this.hostKey = parts.hostKey;
    this.hostLogin = { kind: 'private-key', privateKey: parts.operatorKey.privateKey };
    this.endpoints = parts.endpoints;
    this.vendor = parts.vendor;
  }

  static async start(options: { readonly endpoints: number; readonly speed?: Speed }): Promise<EmbeddedLab> {
    const base = readBaseSystem();
    const vendor = makeVendor(base);
    const packages = prepareBase(base);
    const host = new HypervisorHost();
    // One key pair for every login: making hundreds proves nothing.
    const operatorKey = makeHostKey();
    const hostKey = makeHostKey();
    const hostServer = await startSshServer({
      hostKeys: [hostKey.privateKey],
      users: { root: { publicKey: operatorKey.publicKey } },
      serveCommand: (line, channel, user) =>
        serveCommand(
          line,
          channel,
          user,
          { sudoPassword: null },
          host.answer,
          host.unexpected,
          () => undefined,
        ),
      serveFiles: (sftp) => sftp.end(),
    });
    const endpoints: LabEndpoint[] = [];
    for (let index = 0; index < options.endpoints; index += 1)
      endpoints.push(
        await startEndpoint(index, {
          base,
          packages,
          vendor,
          host,
          operatorKey,
          speed: options.speed ?? FAST,
        }),
      );
    return new EmbeddedLab({ host, hostServer, hostKey, operatorKey, endpoints, vendor });
  }

  endpoint(name: string): LabEndpoint {
    const found = this.endpoints.find((item) => item.name === name);
    if (found === undefined) throw new Error(`the lab has no endpoint ${name}`);
    return found;
  }

  /** What was asked of any machine that nobody could answer: a test that finds anything here has failed. */
  unexpected(): readonly string[] {
    return [
      ...this.host.unexpected.map((text) => `host: ${text}`),
      ...this.endpoints.flatMap(({ name, machine }) => machine.unexpected.map((text) => `${name}: ${text}`)),
    ];
  }

  /** Puts every machine back to where it was after the start: disk, keys, passwords, faults, counters. */
  reset(): void {
    this.host.broken.clear();
    this.host.changes.length = 0;
    for (const { machine, account, front, pristine, sudo } of this.endpoints) {
      machine.powerOff();
      this.host.layDisk(machine.name, pristine.copy());
      account.sudoPassword = sudo.kind === 'password' ? sudo.password : null;
      front.server.changeHostKeys([front.hostKey.privateKey]);
      machine.reset();
    }
  }

  async close(): Promise<void> {
    for (const { machine } of this.endpoints) machine.powerOff();
    await Promise.all(
      [this.hostServer, ...this.endpoints.map(({ front }) => front.server)].map((one) => one.close()),
    );
  }
}

async function startEndpoint(
  index: number,
  lab: {
    base: BaseSystem;
    packages: ReadonlyMap<string, PackageState>;
    vendor: Vendor;
    host: HypervisorHost;
    operatorKey: HostKey;
    speed: Speed;
  },
): Promise<LabEndpoint> {
  const kind = KINDS[index % KINDS.length] ?? KINDS[0];
  const name = `${kind.name}-${String(Math.floor(index / KINDS.length) + 1)}`;
  const left: readonly string[] = kind.without;
  const packages = new Map([...lab.packages].filter(([, item]) => !left.includes(item.name)));
  const pristine = Disk.install(lab.base, packages);
  lab.host.layDisk(name, pristine.copy());
  const machine = new Machine({
    name,
    vendorKey: lab.vendor.publicKey,
    speed: lab.speed,
    findDisk: () => lab.host.diskOf(name),
  });
  lab.host.machines.set(name, machine);
  machine.powerOn();
  // As in the real lab: key and sudo password, password and sudo password, key and no password.
  const password = `password of ${name}`;
  const usesPassword = index % KINDS.length === 1;
  const asksForNone = index % KINDS.length === 2;
  const account: Account = {
    user: USER,
    login: usesPassword ? { password } : { publicKey: lab.operatorKey.publicKey },
    sudoPassword: asksForNone ? null : password,
  };
  return {
    name,
    group: kind.group,
    machine,
    account,
    front: await serveMachine(machine, account),
    login: usesPassword
      ? { kind: 'password', password }
      : { kind: 'private-key', privateKey: lab.operatorKey.privateKey },
    sudo: asksForNone ? { kind: 'passwordless' } : { kind: 'password', password },
    pristine,
  };
}
