import { join } from 'node:path';
import { expect } from 'vitest';
import type { DemoEndpoint, DemoHost, DemoLab } from '../lab/demo/demo-lab.ts';
import { PATIENCE_MS, type Hands, type Someone } from './hands.ts';

/** Begins an empty site in a window that asks for one. */
export async function beginSite(hands: Hands, site: string, person: Someone): Promise<void> {
  await hands.fill('Name of the site', site);
  await hands.fill('Your name', person.name);
  await fillPassphrase(hands, person);
  await hands.press('Begin');
  await hands.page.getByRole('heading', { name: 'Today' }).waitFor();
}

/**
 * Adds a person, who comes to the window and chooses a passphrase of their own; then whoever added them signs in again.
 *
 * @param roles as the form calls them; without them an approver, as the form has it
 */
export async function addPerson(
  hands: Hands,
  adder: Someone,
  person: Someone,
  roles: readonly string[] = ['Approver'],
): Promise<void> {
  await hands.go('Settings');
  await hands.openTab(/^People/);
  await hands.press('Add a person');
  await hands.fill('Name', person.name);
  const group = hands.page.getByRole('group', { name: 'Roles' });
  for (const box of await group.getByRole('checkbox').all()) await box.uncheck({ force: true });
  for (const role of roles) await group.getByRole('checkbox', { name: role }).check({ force: true });
  const first = `${person.passphrase}, once`;
  await hands.fill('First passphrase', first);
  await hands.fill('The same again', first);
  await hands.press('Add');
  await hands.page.getByText(`Added by ${adder.name}`).waitFor();
  await hands.press('Lock');
  await hands.choose('Who', person.name);
  await hands.fill('Passphrase', first);
  await hands.press('Sign in');
  await hands.fill('Passphrase that you were given', first);
  await hands.fill('Your own passphrase', person.passphrase);
  await hands.fill('The same again', person.passphrase);
  await hands.press('Choose');
  await hands.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  await hands.signIn(adder);
}

async function fillPassphrase(hands: Hands, person: Someone): Promise<void> {
  await hands.fill('Passphrase', person.passphrase);
  await hands.fill('The same again', person.passphrase);
}

export async function addHypervisor(hands: Hands, host: DemoHost): Promise<void> {
  const { page } = hands;
  await hands.go('Settings');
  await hands.openTab(/^Hypervisors/);
  await hands.press('Add a hypervisor');
  await hands.fill('Name', 'lab-host');
  await hands.fill('Address', host.address);
  await hands.fill('Port', String(host.port));
  await hands.fill('User', host.user);
  await hands.fill('Private key', host.privateKey);
  await page.getByText('It is root').click();
  await hands.fill('Folder of the disks', host.disksRoot);
  await hands.fill('Folder of the snapshots', host.snapshotsRoot);
  await hands.fill('Command that switches a machine on and off', host.powerCommand);
  await hands.press('Add');
  await pin(hands, 'lab-host', host.hostKey);
}

export async function addEndpoint(hands: Hands, endpoint: DemoEndpoint): Promise<void> {
  const { page } = hands;
  await hands.go('Endpoints');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await hands.fill('Name', endpoint.name);
  await hands.fill('Group', endpoint.group);
  await hands.fill('Address', endpoint.address);
  await hands.fill('Port', String(endpoint.port));
  await hands.fill('User', endpoint.user);
  if (endpoint.login.kind === 'password') {
    await page.getByText('A password', { exact: true }).click();
    await hands.fill('Password', endpoint.login.password);
  } else {
    await hands.fill('Private key', endpoint.login.privateKey);
  }
  if (endpoint.sudoPassword !== null) {
    await page.getByText('sudo with a password').click();
    await hands.fill('Password for sudo', endpoint.sudoPassword);
  }
  await hands.choose('Hypervisor', 'lab-host');
  await hands.fill('Name of its disk there', endpoint.vm);
  await hands.fill('Health check', endpoint.healthCheck.slice(endpoint.healthCheck.indexOf('=') + 1));
  await hands.press('Add it and compare its key');
  await pin(hands, endpoint.name, endpoint.hostKey);
}

async function pin(hands: Hands, name: string, hostKey: string): Promise<void> {
  await hands.press(`Read the key of ${name}`);
  await hands.fill('Fingerprint read at the console', hostKey);
  await hands.press('Pin this key');
  await hands.page.getByText('Pinned. A machine that shows another key gets no credential.').waitFor();
}

/** Scans every endpoint of the screen that is open, until each says that it was scanned. */
export async function scanAll(hands: Hands, count: number): Promise<void> {
  await hands.press('Scan all');
  const scanned = hands.page.getByRole('grid', { name: 'Endpoints' }).getByText(/^Today, /);
  await expect.poll(() => scanned.count(), { timeout: PATIENCE_MS }).toBe(count);
}

/** Carries the needs-list out and a bundle in, and leaves the dialog that says so open. */
export async function bringBundleIn(hands: Hands, lab: DemoLab, folder: string): Promise<void> {
  const { page } = hands;
  await hands.go('Catalogue');
  await hands.press('Export needs-list');
  const file = join(folder, 'needs-list.json');
  await hands.fill('File to write', file);
  await hands.press('Export');
  await page.getByText('Written', { exact: true }).waitFor();
  await hands.press('Close');
  const media = join(folder, 'bundle');
  const { fingerprint } = await lab.collect(file, media, () => undefined);
  await hands.press('Import a bundle');
  await hands.fill('Folder of the bundle, on the medium', media);
  await hands.press('Look at it');
  await hands.fill('Fingerprint from the other way', fingerprint);
  await hands.press('Trust this root');
  await hands.press('Check and import');
  await page.getByText('Imported', { exact: true }).waitFor();
}

/** Makes a plan of everything that the catalogue carries, and asks for approval. */
export async function askForApproval(hands: Hands): Promise<void> {
  await hands.go('Endpoints');
  await hands.press('Make a plan');
  await hands.press('Make the plan');
  await hands.press('Ask for approval');
  await hands.page
    .getByRole('region', { name: 'Decision' })
    .getByRole('button', { name: 'Withdraw' })
    .waitFor();
}

/** Enrols a customer's key from what they sent; the fingerprint is what they said. For a service manager. */
export async function enrolReviewer(
  hands: Hands,
  given: {
    readonly name: string;
    readonly enrolment: { readonly file: string } | { readonly text: string };
    readonly fingerprint: string;
  },
): Promise<void> {
  const { page } = hands;
  await hands.go('Settings');
  await hands.openTab(/^Reviewers/);
  await hands.press('Enrol a reviewer');
  if ('file' in given.enrolment) await hands.fill('Enrolment file', given.enrolment.file);
  else await hands.fill('Or the text of its QR code, or the public key', given.enrolment.text);
  await hands.press('Read the key');
  await hands.fill('Fingerprint, as its owner says or wrote it', given.fingerprint);
  await page.getByText('I have it from the owner of the key, and know them').click();
  await hands.press('Enrol the key');
  await page
    .getByRole('table', { name: 'Keys of reviewers' })
    .getByText(given.name, { exact: true })
    .waitFor();
}
