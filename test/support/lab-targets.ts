import { readFileSync } from 'node:fs';
import type { Login, RemoteTarget } from '../../main/remote/remote-shell.ts';
import { LabError } from '../lab/real/lab-error.ts';
import { readSite } from '../lab/real/site.ts';
import type { LabEndpoint, LabSite } from '../lab/real/site.ts';

/** The real lab that is up, or the reason why tests in it are skipped. */
export function findLab(): { readonly site: LabSite } | { readonly reason: string } {
  try {
    return { site: readSite() };
  } catch (error) {
    if (error instanceof LabError) return { reason: 'the real lab is not up: npm run lab up' };
    throw error;
  }
}

export function endpointTarget(endpoint: LabEndpoint): RemoteTarget {
  const { auth, sudoPassword } = endpoint;
  const login: Login =
    auth.kind === 'key'
      ? { kind: 'private-key', privateKey: readFileSync(auth.privateKeyPath, 'utf8') }
      : { kind: 'password', password: auth.password };
  return {
    name: endpoint.name,
    address: endpoint.address,
    port: endpoint.port,
    user: endpoint.user,
    hostKey: endpoint.hostKeyFingerprint,
    login,
    sudo: sudoPassword === null ? { kind: 'passwordless' } : { kind: 'password', password: sudoPassword },
  };
}

export function hostTarget({ host }: LabSite): RemoteTarget {
  return {
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    hostKey: host.hostKeyFingerprint,
    login: { kind: 'private-key', privateKey: readFileSync(host.privateKeyPath, 'utf8') },
    sudo: host.user === 'root' ? { kind: 'root' } : { kind: 'passwordless' },
  };
}
