import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { requireCommand } from './command.ts';
import type { LabLayout } from './layout.ts';

/** A key pair in OpenSSH's files `path` and `path.pub`. */
export type KeyPair = { readonly path: string; readonly publicKey: string; readonly fingerprint: string };

/** What makes an endpoint itself: kept through reset, thrown away by `down`. */
export type EndpointIdentity = {
  readonly hostKey: KeyPair;
  readonly operatorKey: KeyPair;
  readonly password: string;
  readonly machineId: string;
};

/** Makes an ed25519 key pair. */
export async function makeKeyPair(path: string, comment: string): Promise<KeyPair> {
  await requireCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  return readKeyPair(path);
}

/** Reads a key pair's public side. */
export async function readKeyPair(path: string): Promise<KeyPair> {
  const publicKey = readFileSync(`${path}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
  const fingerprint =
    (await requireCommand(['ssh-keygen', '-l', '-E', 'sha256', '-f', `${path}.pub`])).split(' ')[1] ?? '';
  return { path, publicKey, fingerprint };
}

/** Makes a new identity in RUN/identity/NAME. */
export async function makeEndpointIdentity(layout: LabLayout, name: string): Promise<EndpointIdentity> {
  const dir = `${layout.identityDir}/${name}`;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [hostKey, operatorKey] = await Promise.all([
    makeKeyPair(`${dir}/ssh_host_ed25519_key`, `root@${name}`),
    makeKeyPair(`${dir}/operator_ed25519_key`, 'ops'),
  ]);
  return {
    hostKey,
    operatorKey,
    password: randomBytes(12).toString('base64url'),
    machineId: randomBytes(16).toString('hex'),
  };
}
