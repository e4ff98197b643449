import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, requireCommand, runCommand, waitFor } from '../lab/real/command.ts';
import * as faults from '../lab/real/faults.ts';
import { stopHost } from '../lab/real/host.ts';
import { runOverSsh, type SshPeer } from '../lab/real/lab-ssh.ts';
import { labLayout } from '../lab/real/layout.ts';
import { bringDown, bringUp, resetEndpoint } from '../lab/real/lifecycle.ts';
import { sshAnswers } from '../lab/real/power.ts';
import { reasonAgainstRealLab } from '../lab/real/requirements.ts';
import { inController, type LabEndpoint, type LabSite, siteEndpoint } from '../lab/real/site.ts';
import { labStatus } from '../lab/real/status.ts';
import {
  comparePackages,
  compareTrees,
  listListeners,
  readDiskTree,
  readPackages,
  readTraffic,
  resetTraffic,
} from '../lab/real/witness.ts';

// A lab of its own, so that a person's lab stays as it is.
const layout = labLayout({ ...process.env, SALLYPORT_LAB_NAME: 'sallyport-lab-test' });
const reason = await reasonAgainstRealLab();
const figures: string[] = [];

describe.skipIf(reason !== undefined)(
  `the real lab${reason === undefined ? '' : ` [skipped: ${reason}]`}`,
  { timeout: 600_000 },
  () => {
    let site: LabSite;
    let web: LabEndpoint;
    let app: LabEndpoint;

    const over = (peer: SshPeer, command: string): Promise<CommandResult> =>
      runOverSsh(layout, peer, command);
    const output = async (peer: SshPeer, command: string): Promise<string> => {
      const result = await over(peer, command);
      if (result.code !== 0) throw new Error(`${peer.name}: ${command}: ${result.code} ${result.stderr}`);
      return result.stdout.trim();
    };
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const started = performance.now();
      const value = await work();
      figures.push(`${what}: ${Math.round(performance.now() - started)} ms`);
      return value;
    };
    /** Notes the milliseconds that the lab host itself measured for a command, its start and the network aside. */
    const timedOnHost = async (what: string, command: string): Promise<void> => {
      const said = await output(
        site.host,
        `a=$(date +%s%N); ${command} > /dev/null && echo $((($(date +%s%N) - a) / 1000))`,
      );
      figures.push(`${what}: ${(Number(said) / 1000).toFixed(1)} ms`);
    };

    beforeAll(async () => {
      await bringDown(layout, { purge: false });
      site = await timed('up', () => bringUp(layout, (text) => void process.stdout.write(`lab: ${text}\n`)));
      web = siteEndpoint(site, 'web-1');
      app = siteEndpoint(site, 'app-1');
    }, 900_000);

    afterAll(async () => {
      await bringDown(layout, { purge: false });
      process.stdout.write(`lab figures\n${figures.map((line) => `  ${line}\n`).join('')}`);
    }, 300_000);

    it('lets the operator in at each endpoint by its pinned key, and asks for sudo what the site says', async () => {
      for (const endpoint of site.endpoints) {
        expect(await output(endpoint, 'uname -n; id -un')).toBe(`${endpoint.name}\n${endpoint.user}`);
        const withoutPassword = await over(endpoint, 'sudo -n id -u');
        expect(withoutPassword.code === 0).toBe(endpoint.sudoPassword === null);
        if (endpoint.sudoPassword === null) continue;
        const sudo = 'sudo -S -p "" id -u';
        expect((await runOverSsh(layout, endpoint, sudo, `${endpoint.sudoPassword}\n`)).stdout).toBe('0\n');
        expect((await runOverSsh(layout, endpoint, sudo, 'wrong\n')).code).toBe(1);
      }
    });

    it('refuses a peer whose key is not the pinned one', async () => {
      const stranger = { ...web, address: app.address };
      await faults.changeHostKey(layout, app.vm);
      expect(await over(app, 'true')).toMatchObject({ code: 255 });
      expect((await over(stranger, 'true')).stderr).toMatch(/verification failed/i);
      await timed('reset of an endpoint until SSH answers', () => resetEndpoint(layout, app));
      expect((await over(app, 'true')).code).toBe(0);
    });

    it('has no way out, neither from an endpoint nor from the controller nor from the lab host', async () => {
      const probe = 'ip route get 192.0.2.1';
      for (const peer of [...site.endpoints, site.host]) expect((await over(peer, probe)).code).toBe(2);
      expect((await runCommand(inController(probe.split(' '), layout))).code).toBe(2);
      // And nobody outside has a way in.
      const routes = await requireCommand(['ip', 'route', 'show', 'table', 'all']);
      expect(routes).not.toContain('10.77.0.');
      const update = await over(app, 'sudo apt-get -o APT::Update::Error-Mode=any update');
      expect([update.code, /Failed to fetch/.test(update.stderr)]).toEqual([100, true]);
    });

    it('has a whole package database on each endpoint, and apt sources that name its security archive', async () => {
      for (const endpoint of site.endpoints) {
        const packages = readPackages(layout, endpoint.vm);
        expect(packages.every(({ state }) => state === 'installed')).toBe(true);
        expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['openssl', 'sudo', 'apt']));
        expect(await output(endpoint, 'cat /etc/apt/sources.list')).toContain(endpoint.security.suite);
      }
    });

    it('reboots: SSH drops, and the endpoint comes back with another boot and an empty /tmp', async () => {
      const look = 'cat /proc/sys/kernel/random/boot_id; ps -o lstart= -p 1';
      const before = await output(app, `touch /tmp/left ~/kept; ${look}`);
      const dropped = await over(app, 'sudo reboot; sleep 60');
      expect(dropped.code).toBe(255);
      const after = await timed('back after reboot', async () => {
        expect(await sshAnswers(layout, app.address, 180_000)).toBe(true);
        return output(app, look);
      });
      expect(after.split('\n')[0]).not.toBe(before.split('\n')[0]);
      expect(after.split('\n')[1]).not.toBe(before.split('\n')[1]);
      expect(await output(app, 'ls /tmp; ls ~')).toBe('kept');
    });

    it('powers off for real when told from inside, and power is idempotent from outside', async () => {
      const { powerCommand } = site.host;
      await over(app, 'sudo poweroff');
      const off = await waitFor(
        async () =>
          (await output(site.host, `${powerCommand} status app-1`)) === 'stopped' ? true : undefined,
        { forMs: 180_000, everyMs: 200 },
      );
      expect(off).toBe(true);
      expect(await output(site.host, `${powerCommand} stop app-1 && ${powerCommand} status app-1`)).toBe(
        'stopped',
      );
      // The session that starts it ends; the machine stays.
      const start = `${powerCommand} start app-1 && ${powerCommand} start app-1 && ${powerCommand} status app-1`;
      expect(await output(site.host, start)).toBe('running');
      expect(await sshAnswers(layout, app.address, 180_000)).toBe(true);
      expect((await over(site.host, `${powerCommand} start no-such-vm`)).code).toBe(2);
    });

    it('snapshots and restores a disk over the SSH of the lab host, to the last byte', async () => {
      const { disksRoot, snapshotsRoot, powerCommand } = site.host;
      const [disk, snapshot] = [`${disksRoot}/app-1`, `${snapshotsRoot}/app-1/before`];
      const take = `btrfs subvolume snapshot -r ${disk} ${snapshot}`;
      await timedOnHost('snapshot', take);
      expect(await output(site.host, `btrfs property get ${snapshot} ro`)).toBe('ro=true');
      await output(app, 'sudo rm -rf /usr/share/doc && echo changed | sudo tee /etc/motd && touch ~/new');
      const before = readDiskTree(layout, 'app-1', 'before');
      const damaged = compareTrees(before, readDiskTree(layout, 'app-1'));
      expect(damaged.differences.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['/etc/motd', '/home/ops/new', '/usr/share/doc']),
      );
      await output(site.host, `${powerCommand} stop app-1`);
      const restore = `btrfs subvolume delete ${disk} > /dev/null && btrfs subvolume snapshot ${snapshot} ${disk}`;
      await timedOnHost('restore', restore);
      await output(site.host, `${powerCommand} start app-1`);
      expect(await sshAnswers(layout, app.address, 180_000)).toBe(true);
      await output(app, 'true');
      const restored = compareTrees(before, readDiskTree(layout, 'app-1'));
      expect(restored.differences).toEqual([]);
    });

    it('fills a disk without harming the others, and gives it back', async () => {
      await faults.fillDisk(layout, 'app-1', 100);
      const write = 'sudo dd if=/dev/zero of=/var/lib/x bs=1k count=500';
      const full = await over(app, write);
      expect([full.code, /No space left on device/.test(full.stderr)]).toEqual([1, true]);
      expect(Number(await output(app, "df -Pk /var | awk 'NR == 2 { print $4 }'"))).toBeLessThanOrEqual(100);
      expect((await over(web, 'dd if=/dev/zero of=x bs=1k count=500 && rm x')).code).toBe(0);
      await faults.freeDisk(layout, 'app-1');
      expect((await over(app, write)).code).toBe(0);
    });

    it("holds apt's lock from another process until it is released", async () => {
      await faults.holdAptLock(layout, 'app-1', 600);
      const install = 'LC_ALL=C sudo apt-get install -y curl';
      const blocked = await over(app, install);
      expect([blocked.code, /Could not get lock/.test(blocked.stderr)]).toEqual([100, true]);
      faults.releaseAptLock(layout, 'app-1');
      expect((await over(app, install)).code).toBe(0);
    });

    it('makes snapshots of one VM fail by themselves, and of no other', async () => {
      const take = (vm: string): string =>
        `btrfs subvolume snapshot -r ${site.host.disksRoot}/${vm} ${site.host.snapshotsRoot}/${vm}/s`;
      await faults.breakSnapshots(layout, 'web-1');
      expect((await over(site.host, take('web-1'))).code).toBe(1);
      expect((await over(site.host, take('db-1'))).code).toBe(0);
      await faults.mendSnapshots(layout, 'web-1');
      expect((await over(site.host, take('web-1'))).code).toBe(0);
    });

    it('has an application that fails its self-test once a package it was certified with is another version', async () => {
      await installSample('1.0');
      faults.failHealthCheck(layout, 'app-1', 'lab-sample');
      expect(await output(app, '/opt/orders/selftest')).toBe('orders: ok');
      const before = readPackages(layout, 'app-1');
      await installSample('2.0');
      expect(comparePackages(before, readPackages(layout, 'app-1'))).toEqual([
        { package: 'lab-sample:all', before: '1.0', after: '2.0' },
      ]);
      const failed = await over(app, '/opt/orders/selftest');
      expect([failed.code, failed.stdout]).toEqual([1, 'orders: certified with lab-sample 1.0, found 2.0\n']);
    });

    it('kills dpkg in the middle of its work, which dpkg itself then says', async () => {
      const [install] = await Promise.all([
        installSample('3.0', 'sleep 60').catch((error: unknown) => error),
        faults.killDpkg(layout, 'app-1'),
      ]);
      expect(install).toBeInstanceOf(Error);
      expect(await output(app, 'sudo dpkg --audit')).toContain('lab-sample');
      expect(readPackages(layout, 'app-1').find(({ name }) => name === 'lab-sample')?.state).not.toBe(
        'installed',
      );
    });

    it('hangs, not refuses, when the cable is pulled, and comes back when it is plugged in', async () => {
      await faults.networkDown(layout, 'app-1');
      expect(await sshAnswers(layout, app.address, 1_000)).toBe(false);
      await faults.networkUp(layout, 'app-1');
      expect(await sshAnswers(layout, app.address, 180_000)).toBe(true);
    });

    it('asks for another sudo password after the fault, and for the known one after a reset', async () => {
      const sudo = 'sudo -S -p "" id -u';
      await faults.changeSudoPassword(layout, 'web-1');
      expect((await runOverSsh(layout, web, sudo, `${web.sudoPassword ?? ''}\n`)).code).toBe(1);
      await resetEndpoint(layout, web);
      expect((await runOverSsh(layout, web, sudo, `${web.sudoPassword ?? ''}\n`)).stdout).toBe('0\n');
    });

    it('counts what the controller sends by peer, and everything else apart', async () => {
      await resetTraffic(layout);
      await output(web, 'true');
      const quiet = await readTraffic(layout);
      expect(quiet.peers.filter(({ packetsOut }) => packetsOut > 0).map(({ name }) => name)).toEqual([
        'web-1',
      ]);
      expect(quiet).toMatchObject({
        other: { packetsOut: 0, packetsIn: 0 },
        strayDestinations: [],
        attemptsWithoutRoute: 0,
      });
      expect(quiet.peers.find(({ name }) => name === 'web-1')?.connectionAttempts).toBe(1);

      const knock = (address: string, port: number): string[] => [
        'perl',
        '-MIO::Socket::INET',
        '-e',
        `IO::Socket::INET->new(PeerAddr => "${address}", PeerPort => ${port}, Timeout => 2)`,
      ];
      await runCommand(inController(knock(web.address, 80), layout));
      await runCommand(inController(knock('192.0.2.1', 443), layout));
      const noisy = await readTraffic(layout);
      expect(noisy.other.packetsOut).toBeGreaterThan(0);
      expect(noisy.strayDestinations).toEqual([`${web.address} tcp/80`]);
      expect(noisy.attemptsWithoutRoute).toBe(1);
    });

    it('sees who listens in the network of the controller', async () => {
      expect(await listListeners(layout)).toEqual([]);
      const server =
        'use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 4321, Listen => 1) or die; sleep 120';
      const listening = runCommand(inController(['perl', '-e', server], layout), { timeoutMs: 120_000 });
      const found = await waitFor(async () => (await listListeners(layout))[0], { forMs: 100_000 });
      expect(found).toMatchObject({ protocol: 'tcp', local: '127.0.0.1:4321', process: 'perl' });
      if (found?.pid) process.kill(found.pid);
      await listening;
    });

    it('leaves nothing behind, also when its host died halfway, and down can be said twice', async () => {
      const mountsBefore = await requireCommand(['cat', '/proc/self/mounts']);
      expect(mountsBefore).not.toContain('/run/vms');
      await stopHost(layout);
      expect(await labStatus(layout)).toMatchObject({ up: false, hostRunning: false, clean: false });
      await bringDown(layout, { purge: false });
      await bringDown(layout, { purge: false });
      expect(await labStatus(layout)).toMatchObject({
        up: false,
        clean: true,
        networks: [],
        loopDevices: [],
      });
      expect(readdirSync('/run').filter((name) => name.startsWith(layout.name))).toEqual([]);
      const processes = await requireCommand(['ps', '-eo', 'args']);
      expect(processes).not.toContain(`${layout.runDir} `);
      expect(await requireCommand(['ip', 'link'])).not.toMatch(/\bbr0\b|\bp-web-1\b/);
    });

    /** Builds a package on the endpoint and installs it there, by dpkg. */
    async function installSample(version: string, postinst = 'exit 0'): Promise<void> {
      const script = `set -e; rm -rf s && mkdir -p s/DEBIAN
        printf 'Package: lab-sample\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: Lab <lab@localhost>\\nDescription: sample\\n' > s/DEBIAN/control
        printf '#!/bin/sh\\n${postinst}\\n' > s/DEBIAN/postinst
        chmod 755 s/DEBIAN/postinst
        dpkg-deb --root-owner-group -b s s.deb > /dev/null
        sudo dpkg -i s.deb > /dev/null 2>&1`;
      await output(app, script);
    }
  },
);
