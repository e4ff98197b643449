import { z } from 'zod';
import { LoginInput, SudoInput } from '../../contract/endpoints.ts';
import { ContractError, VaultError } from '../../contract/errors.ts';
import type { EndpointRow, EndpointStore, HypervisorRow } from '../catalogue/endpoint-store.ts';
import type { SiteStore } from '../catalogue/site-store.ts';
import type { Hypervisor } from '../hypervisor/hypervisor.ts';
import type { PatchDriver } from '../patching/patch-driver.ts';
import type { RemoteSession, RemoteShell, RemoteTarget } from '../remote/remote-shell.ts';
import type { Vault } from '../secrets/vault.ts';

const Credential = z.strictObject({ login: LoginInput, sudo: SudoInput });
export type Credential = z.output<typeof Credential>;

export type MakeHypervisor = (
  shell: RemoteShell,
  target: RemoteTarget,
  config: HypervisorRow['config'],
) => Hypervisor;

/** The way to endpoints and hypervisors: target and credentials from the inventory and the vault, nothing else. */
export class Reach {
  readonly #shell: RemoteShell;
  readonly #endpoints: EndpointStore;
  readonly #site: SiteStore;
  readonly #vault: Vault;
  readonly #driver: PatchDriver;
  readonly #makeHypervisor: MakeHypervisor;

  /** @param shell allows only addresses of the inventory: see `isInInventory` */
  constructor(options: {
    shell: RemoteShell;
    endpoints: EndpointStore;
    site: SiteStore;
    vault: Vault;
    driver: PatchDriver;
    makeHypervisor: MakeHypervisor;
  }) {
    this.#shell = options.shell;
    this.#endpoints = options.endpoints;
    this.#site = options.site;
    this.#vault = options.vault;
    this.#driver = options.driver;
    this.#makeHypervisor = options.makeHypervisor;
  }

  connect(endpointId: string, signal: AbortSignal): Promise<RemoteSession> {
    return this.#shell.connect(this.#targetOf(this.endpoint(endpointId)), signal);
  }

  driverFor(endpointId: string): PatchDriver {
    this.endpoint(endpointId);
    return this.#driver;
  }

  /** `null`: the endpoint has no hypervisor. */
  hypervisorFor(endpointId: string): { hypervisor: Hypervisor; vm: string; id: string } | null {
    const { hypervisorId, vm } = this.endpoint(endpointId);
    if (hypervisorId === null || vm === null) return null;
    return { hypervisor: this.hypervisor(hypervisorId), vm, id: hypervisorId };
  }

  hypervisor(id: string): Hypervisor {
    const row = this.#endpoints.getHypervisor(id);
    if (row === undefined)
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such hypervisor.', { subject: { id } });
    return this.#makeHypervisor(this.#shell, this.#targetOf(row), row.config);
  }

  /** Sends no credential. */
  readHostKey(
    of: { readonly address: string; readonly port: number },
    signal?: AbortSignal,
  ): Promise<string> {
    return this.#shell.readHostKey(of.address, of.port, signal);
  }

  endpoint(id: string): EndpointRow {
    const row = this.#endpoints.get(id);
    if (row === undefined)
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such endpoint.', { subject: { id } });
    return row;
  }

  #targetOf(row: EndpointRow | HypervisorRow): RemoteTarget {
    const { login, sudo } = this.#credential(row.secretId);
    return {
      name: row.name,
      address: row.address,
      port: row.port,
      user: row.user,
      hostKey: row.hostKey,
      login:
        login.kind === 'private-key' && login.passphrase === undefined
          ? { kind: 'private-key', privateKey: login.privateKey }
          : (login as RemoteTarget['login']),
      sudo,
    };
  }

  #credential(secretId: string): Credential {
    const sealed = this.#site.getSecret(secretId);
    if (sealed === undefined) {
      throw new VaultError('VAULT_SECRET_MISSING', 'The credential is not in the vault.', {
        hint: 'Add it again.',
        subject: { secret: secretId },
      });
    }
    return Credential.parse(this.#vault.unseal(secretId, sealed));
  }
}
