import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseNeedsList } from '../../main/core/needs-list.ts';
import { EmbeddedLab, USER } from '../lab/embedded/embedded-lab.ts';
import { embeddedFaults } from '../lab/embedded/faults.ts';
import { SELFTEST } from '../lab/embedded/checks.ts';
import { DISKS_ROOT, POWER_COMMAND, SNAPSHOTS_ROOT } from '../lab/embedded/hypervisor-host.ts';
import { packMedia } from '../lab/embedded/media.ts';
import type { Story, Verb } from './runner.ts';

/**
 * Verbs for stories that need endpoints: the embedded lab, inside this process, simulated.
 *
 *   lab COUNT                      starts it: web-1, db-1, app-1, web-2 ... Sets for each $WEB_1_ADDRESS, $WEB_1_PORT and
 *                                  $WEB_1_HOST_KEY, for the host the same with HOST, and $LAB_USER, $SELFTEST, $DISKS_ROOT,
 *                                  $SNAPSHOTS_ROOT, $POWER_COMMAND; writes secrets to web-1.key or web-1.password, web-1.sudo, HOST.key
 *   media NEEDS-LIST               packs a bundle for it in the folder media, and sets $FINGERPRINT
 *   fault WHAT ENDPOINT [PACKAGE]  power-off, change-host-key, change-sudo-password, break-snapshots, fail-health-check
 */
export class LabVerbs {
  readonly verbs: Readonly<Record<string, Verb>> = {
    lab: (rest, story) => this.#start(Number(rest), story),
    media: (rest, story) => this.#pack(rest, story),
    fault: (rest) => this.#break(rest),
  };
  #lab: EmbeddedLab | undefined;

  /** Ends the lab. @throws Error when a machine was asked something that the lab has no answer for */
  async close(): Promise<void> {
    const lab = this.#lab;
    this.#lab = undefined;
    if (lab === undefined) return;
    const unexpected = lab.unexpected();
    await lab.close();
    if (unexpected.length > 0) throw new Error(`the lab had no answer for: ${unexpected.join('; ')}`);
  }

  get #running(): EmbeddedLab {
    if (this.#lab === undefined) throw new Error('there is no lab: write `lab COUNT` first');
    return this.#lab;
  }

  async #start(endpoints: number, story: Story): Promise<void> {
    const lab = await EmbeddedLab.start({ endpoints });
    this.#lab = lab;
    const write = (name: string, secret: string): void =>
      writeFileSync(join(story.folder, name), secret, { mode: 0o600 });
    const tell = (prefix: string, server: { address: string; port: number }, hostKey: string): void => {
      story.values.set(`${prefix}_ADDRESS`, server.address);
      story.values.set(`${prefix}_PORT`, String(server.port));
      story.values.set(`${prefix}_HOST_KEY`, hostKey);
    };
    tell('HOST', lab.hostServer, lab.hostKey.fingerprint);
    write('HOST.key', lab.hostLogin.privateKey);
    for (const { name, front, login, sudo } of lab.endpoints) {
      tell(name.toUpperCase().replace('-', '_'), front.server, front.hostKey.fingerprint);
      if (login.kind === 'private-key') write(`${name}.key`, login.privateKey);
      else write(`${name}.password`, login.password);
      if (sudo.kind === 'password') write(`${name}.sudo`, sudo.password);
    }
    const words = { LAB_USER: USER, SELFTEST, DISKS_ROOT, SNAPSHOTS_ROOT, POWER_COMMAND };
    for (const [name, value] of Object.entries(words)) story.values.set(name, value);
  }

  async #pack(file: string, story: Story): Promise<void> {
    const needs = parseNeedsList(readFileSync(resolve(story.folder, file), 'utf8'));
    const { vendor } = this.#running;
    const media = await packMedia({ vendor, needs, folder: story.folder, now: new Date().toISOString() });
    story.values.set('FINGERPRINT', media.fingerprint);
  }

  #break(rest: string): Promise<void> {
    const faults = embeddedFaults(this.#running);
    const [what = '', endpoint = '', packageName = ''] = rest.split(/\s+/);
    switch (what) {
      case 'power-off':
        return faults.powerOff(endpoint);
      case 'change-host-key':
        return faults.changeHostKey(endpoint);
      case 'change-sudo-password':
        return faults.changeSudoPassword(endpoint);
      case 'break-snapshots':
        return faults.breakSnapshots(endpoint);
      case 'fail-health-check':
        return faults.failHealthCheck(endpoint, packageName);
      default:
        throw new Error(`no such fault: ${what}`);
    }
  }
}
