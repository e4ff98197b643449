import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LabError } from './lab-error.ts';
import { type LabLayout, labLayout, netnsFile } from './layout.ts';

/** `uri` has no trailing slash; `suite` is what an apt source names. */
const archiveSchema = z.strictObject({ uri: z.string(), suite: z.string(), component: z.literal('main') });

const endpointSchema = z.strictObject({
  name: z.string(),
  address: z.ipv4(),
  port: z.int(),
  user: z.string(),
  /** OpenSSH form, `SHA256:` and base64 without padding. */
  hostKeyFingerprint: z.string().startsWith('SHA256:'),
  /** `ssh-ed25519 AAAA…`, as in known_hosts. */
  hostPublicKey: z.string(),
  auth: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('key'), privateKeyPath: z.string() }),
    z.strictObject({ kind: z.literal('password'), password: z.string() }),
  ]),
  /** null: sudo asks for none. */
  sudoPassword: z.string().nullable(),
  vm: z.string(),
  /** The release that really runs, which differs from the planned one when the mirror no longer serves that. */
  suite: z.string(),
  main: archiveSchema,
  security: archiveSchema,
});

const hostSchema = z.strictObject({
  name: z.string(),
  address: z.ipv4(),
  port: z.int(),
  user: z.string(),
  hostKeyFingerprint: z.string().startsWith('SHA256:'),
  hostPublicKey: z.string(),
  privateKeyPath: z.string(),
  /** A VM's disk is the subvolume DISKSROOT/VM. */
  disksRoot: z.string(),
  /** A VM's snapshots belong into the folder SNAPSHOTSROOT/VM/, which exists. */
  snapshotsRoot: z.string(),
  /** Program on the lab host: `COMMAND start|stop|status VM`. */
  powerCommand: z.string(),
});

const siteSchema = z.strictObject({
  version: z.literal(1),
  lab: z.string(),
  createdAt: z.string(),
  controller: z.strictObject({ netns: z.string(), netnsFile: z.string(), address: z.ipv4() }),
  host: hostSchema,
  endpoints: z.array(endpointSchema),
});

/** What a person or a test needs to know of the lab that is up. It holds the lab's passwords. */
export type LabSite = z.infer<typeof siteSchema>;
export type LabEndpoint = z.infer<typeof endpointSchema>;

export function parseSite(text: string): LabSite {
  return siteSchema.parse(JSON.parse(text));
}

/** Reads the description of the lab that is up. Throws LAB_NOT_UP when there is none. */
export function readSite(layout: LabLayout = labLayout()): LabSite {
  let text: string;
  try {
    text = readFileSync(layout.siteFile, 'utf8');
  } catch (error) {
    throw new LabError('LAB_NOT_UP', `No lab is described in ${layout.siteFile}: npm run lab up`, {
      cause: error,
    });
  }
  return parseSite(text);
}

/** The endpoint of that name. Throws LAB_USAGE when the lab has none. */
export function siteEndpoint(site: LabSite, name: string): LabEndpoint {
  const found = site.endpoints.find((endpoint) => endpoint.name === name);
  if (found) return found;
  const names = site.endpoints.map((endpoint) => endpoint.name).join(', ');
  throw new LabError('LAB_USAGE', `The lab has no endpoint "${name}"; it has ${names}`);
}

/**
 * argv that runs a program inside the controller's network, where the endpoints are and nothing else. It keeps the file systems
 * of the caller, unlike `ip netns exec`, whose private mounts would hold on to them.
 */
export function inController(argv: readonly string[], layout: LabLayout = labLayout()): string[] {
  return ['nsenter', `--net=${netnsFile(layout.controllerNetns)}`, '--', ...argv];
}
