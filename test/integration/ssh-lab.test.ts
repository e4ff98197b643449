import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import type { RemoteTarget, Sudo } from '../../main/remote/remote-shell.ts';
import { labLayout, machineNetns, netnsFile } from '../lab/real/layout.ts';
import type { LabEndpoint, LabSite } from '../lab/real/site.ts';
import { describeRemoteShell, failureOf } from '../suites/remote-shell.suite.ts';
import { openLabRelay } from '../support/lab-relay.ts';
import type { LabRelay } from '../support/lab-relay.ts';
import { endpointTarget, findLab } from '../support/lab-targets.ts';
import { findSilentPort } from '../support/loopback-endpoint.ts';

const lab = findLab();

if ('reason' in lab) {
  it.skip(`SSH to the endpoints of the real lab [skipped: ${lab.reason}]`);
} else {
  for (const endpoint of lab.site.endpoints) describeEndpoint(lab.site, endpoint);
}

function describeEndpoint(site: LabSite, endpoint: LabEndpoint): void {
  const { sudoPassword } = endpoint;
  const kind = `${endpoint.auth.kind} login, sudo ${sudoPassword === null ? 'without' : 'with'} a password`;

  describeRemoteShell(`SSH to ${endpoint.name} of the lab (${kind})`, async () => {
    const { relay, target, shell } = await open(site, endpoint);
    const session = await shell.connect(target);
    const folder = (await session.run({ argv: ['mktemp', '-d'] })).stdout.trim();
    await session.close();
    return {
      shell,
      target,
      wrongLogin: { kind: 'password', password: 'wrong' },
      wrongSudo: wrongSudo(sudoPassword),
      nowhere: { address: '127.0.0.1', port: await findSilentPort() },
      folder,
      drop: () => relay.drop(),
      close: () => relay.close(),
    };
  });

  describe(`${endpoint.name} of the lab (${kind})`, () => {
    let relay: LabRelay;
    let target: RemoteTarget;
    beforeAll(async () => {
      ({ relay, target } = await open(site, endpoint));
    });
    afterAll(() => relay.close());

    it('runs as root, with stdin of any bytes, and leaves no password in it', async () => {
      const session = await new SshShell().connect(target);
      expect((await session.run({ argv: ['id', '-u'], asRoot: true })).stdout).toBe('0\n');
      const stdin = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
      const sum = execFileSync('sha256sum', { input: stdin }).toString();
      expect((await session.run({ argv: ['sha256sum'], stdin, asRoot: true })).stdout).toBe(sum);
      expect(await session.run({ argv: ['cat'], asRoot: true })).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: '',
      });
      expect(await session.run({ argv: ['sh', '-c', 'exit 1'], asRoot: true })).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: '',
      });
      await session.close();
    });

    it.skipIf(sudoPassword === null)(
      `gives sudo one attempt${sudoPassword === null ? ' [skipped: sudo asks for no password here]' : ''}`,
      async () => {
        // What the adapter relies on: after one wrong line and the end of stdin, sudo counts one attempt and no more.
        const session = await new SshShell().connect(target);
        const argv = ['sudo', '-k', '-S', '-p', '[question]', '--', 'true'];
        const { exitCode, stderr } = await session.run({ argv, stdin: 'wrong\n' });
        expect(exitCode).toBe(1);
        expect(stderr).toContain('1 incorrect password attempt');
        expect(stderr.split('[question]')).toHaveLength(3);
        await session.close();
      },
    );

    it('notices that its cable was pulled, and is reached again when it is back', async () => {
      const keepaliveMs = 2_000;
      const shell = new SshShell({ times: { keepaliveMs, keepaliveMisses: 3 } });
      const session = await shell.connect(target);
      const netns = netnsFile(machineNetns(labLayout(), endpoint.vm));
      const cable = (state: 'up' | 'down') =>
        execFileSync('nsenter', [`--net=${netns}`, 'ip', 'link', 'set', 'eth0', state]);
      try {
        const running = failureOf(session.run({ argv: ['sleep', '60'] }));
        await session.run({ argv: ['true'] });
        cable('down');
        const pulledAt = performance.now();
        expect(await running).toEqual(['TRANSPORT_DROPPED', 'after-reconnect']);
        const noticedMs = performance.now() - pulledAt;
        expect(noticedMs).toBeGreaterThan(2 * keepaliveMs);
        expect(noticedMs).toBeLessThan(4 * keepaliveMs + 30_000);
      } finally {
        cable('up');
      }
      const again = await shell.connect(target);
      expect((await again.run({ argv: ['echo', 'back'] })).stdout).toBe('back\n');
      await again.close();
    });

    it('is fast enough', async () => {
      const shell = new SshShell();
      const startedAt = performance.now();
      const session = await shell.connect(target);
      const connectMs = performance.now() - startedAt;
      const bytes = Buffer.alloc(16_000_000, 'content');
      const to = (await session.run({ argv: ['mktemp'] })).stdout.trim();
      const uploadAt = performance.now();
      await session.upload([{ from: { bytes }, to }]);
      const rate = bytes.length / 1e3 / (performance.now() - uploadAt);
      await session.run({ argv: ['rm', to] });
      await session.close();
      process.stdout.write(
        `${endpoint.name}: connect ${connectMs.toFixed(0)} ms, upload ${rate.toFixed(1)} MB/s\n`,
      );
      // Far below what it does on a machine with nothing else to do: only a stall fails here.
      expect(rate).toBeGreaterThan(0.5);
    });
  });
}

async function open(site: LabSite, endpoint: LabEndpoint) {
  const relay = await openLabRelay(site.controller.netnsFile, endpoint);
  const target = { ...endpointTarget(endpoint), address: relay.address, port: relay.port };
  return { relay, target, shell: new SshShell() };
}

function wrongSudo(sudoPassword: string | null): Sudo {
  return { kind: 'password', password: sudoPassword === null ? 'not asked for' : 'wrong' };
}
