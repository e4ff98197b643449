import { chmodSync, writeFileSync } from 'node:fs';
import { type CommandResult, runCommand } from './command.ts';
import type { LabLayout } from './layout.ts';
import { inController, type LabEndpoint, type LabSite } from './site.ts';

/** A machine of the lab that SSH leads to. */
export type SshPeer = LabEndpoint | LabSite['host'];

/** known_hosts of everything in the lab: keys are pinned, none is learned. */
export function writeKnownHosts(layout: LabLayout, site: LabSite): void {
  const lines = [site.host, ...site.endpoints].map(
    ({ address, hostPublicKey }) => `${address} ${hostPublicKey}\n`,
  );
  writeFileSync(knownHostsFile(layout), lines.join(''));
}

/** argv of OpenSSH's client inside the controller's network, with the pinned key and the login of the peer. */
export function sshArgv(layout: LabLayout, peer: SshPeer, command: readonly string[]): string[] {
  const key =
    'auth' in peer ? (peer.auth.kind === 'key' ? peer.auth.privateKeyPath : undefined) : peer.privateKeyPath;
  const options = {
    UserKnownHostsFile: knownHostsFile(layout),
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    ConnectTimeout: '10',
    LogLevel: 'ERROR',
    PreferredAuthentications: key === undefined ? 'password' : 'publickey',
  };
  return inController(
    [
      ...['ssh', '-F', 'none', '-p', `${peer.port}`],
      ...(key === undefined ? [] : ['-i', key, '-o', 'IdentitiesOnly=yes']),
      ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
      `${peer.user}@${peer.address}`,
      ...command,
    ],
    layout,
  );
}

/** Environment with which ssh asks a program for the password of a peer that logs in with one. */
export function sshEnvironment(layout: LabLayout, peer: SshPeer): NodeJS.ProcessEnv {
  if (!('auth' in peer) || peer.auth.kind === 'key') return {};
  const asker = `${layout.runDir}/bin/ask-password`;
  writeFileSync(asker, '#!/bin/sh\nprintf "%s\\n" "$SALLYPORT_LAB_PASSWORD"\n');
  chmodSync(asker, 0o755);
  return { SSH_ASKPASS: asker, SSH_ASKPASS_REQUIRE: 'force', SALLYPORT_LAB_PASSWORD: peer.auth.password };
}

/** Runs a shell command on a machine of the lab over SSH; 255 is SSH's own failure. */
export function runOverSsh(
  layout: LabLayout,
  peer: SshPeer,
  command: string,
  input?: string,
): Promise<CommandResult> {
  return runCommand(sshArgv(layout, peer, [command]), {
    env: sshEnvironment(layout, peer),
    ...(input === undefined ? {} : { input }),
  });
}

function knownHostsFile(layout: LabLayout): string {
  return `${layout.runDir}/known_hosts`;
}
