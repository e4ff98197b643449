import { BundleError } from '../../../contract/errors.ts';
import { compareDebVersions } from '../version/deb.ts';
import type { BundledAgent } from './contents.ts';
import type { ManifestObject } from './manifest.ts';

/** Our own agent for Linux endpoints, as bundles carry it: one Debian package a version, without scripts of its own. */

export const AGENT_PACKAGE = { name: 'sallyport-agent', architecture: 'all' } as const;

/** Largest package of the agent that is carried, bytes. */
export const MAX_AGENT_BYTES = 64 * 1024 * 1024;

const MAINTAINER_SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm', 'config', 'triggers'];

/** Version without an epoch: it is part of a file name. */
const AGENT_VERSION = /^[0-9][A-Za-z0-9.+~]{0,99}$/;

const DIRECTORY = 'sallyport/agent/';

export const agentFileName = (version: string): string =>
  `${AGENT_PACKAGE.name}_${version}_${AGENT_PACKAGE.architecture}.deb`;

/** Logical path of a version in a bundle. */
export const agentPath = (version: string): string => `${DIRECTORY}${agentFileName(version)}`;

/** What the paths of a verified manifest tell of agents: `sallyport-agent 0.1.0`. */
export function agentsOf(objects: readonly ManifestObject[]): string[] {
  return objects
    .filter((item) => item.class === 'agent')
    .map(({ path }) => {
      const [name = '', version = ''] = path.slice(DIRECTORY.length).split('_');
      return `${name} ${version}`;
    });
}

/**
 * Why a package is not our agent, in words; `null` when it is.
 *
 * @param parts names in the package's control archive
 */
export function whyNoAgent(control: {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly parts: readonly string[];
}): string | null {
  if (control.name !== AGENT_PACKAGE.name) return `it is the package ${control.name.slice(0, 100)}`;
  if (control.architecture !== AGENT_PACKAGE.architecture)
    return `it is for the architecture ${control.architecture.slice(0, 100)}`;
  if (!AGENT_VERSION.test(control.version)) return 'its version is none that the agent has';
  const script = control.parts.find((part) => MAINTAINER_SCRIPTS.includes(part));
  return script === undefined ? null : `it has a script that runs when it is installed (${script})`;
}

/** A version that the site has taken in, whether or not its package is still there. */
export interface KnownAgent {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly isHeld: boolean;
}

/** The newest version in the order of deb-version(7), or `undefined` where there is none. */
export function newestAgent<T extends { readonly version: string }>(agents: readonly T[]): T | undefined {
  return agents.reduce<T | undefined>(
    (newest, agent) =>
      newest === undefined || compareDebVersions(agent.version, newest.version) > 0 ? agent : newest,
    undefined,
  );
}

/**
 * Judges what a bundle says of agents by its manifest and by what the site has.
 *
 * @throws BundleError BUNDLE_MIX_AND_MATCH when list and manifest differ, or a version has other bytes than the site knows;
 *   BUNDLE_ROLLBACK for a version that is older than the newest that the site has, and is not there already
 */
export function judgeAgents(
  agents: readonly BundledAgent[],
  objects: readonly ManifestObject[],
  known: readonly KnownAgent[],
): void {
  const carried = new Map(
    objects.filter((item) => item.class === 'agent').map((item) => [item.path, item.sha256]),
  );
  const listed = new Set<string>();
  for (const agent of agents) {
    const path = agentPath(agent.version);
    if (listed.has(path) || agent.path !== path || carried.get(path) !== agent.sha256)
      throw refuseAgent('BUNDLE_MIX_AND_MATCH', agent.path, 'manifest and list of agents do not agree');
    listed.add(path);
  }
  const unlisted = [...carried.keys()].find((path) => !listed.has(path));
  if (unlisted !== undefined)
    throw refuseAgent('BUNDLE_MIX_AND_MATCH', unlisted, 'the list of agents does not name it');
  const newest = newestAgent(known);
  for (const { path, version, sha256 } of agents) {
    const same = known.find((item) => compareDebVersions(item.version, version) === 0);
    if (same !== undefined && (same.sha256 !== sha256 || same.version !== version))
      throw refuseAgent('BUNDLE_MIX_AND_MATCH', path, `the site knows another file of version ${version}`);
    if (newest !== undefined && same?.isHeld !== true && compareDebVersions(version, newest.version) < 0)
      throw refuseAgent(
        'BUNDLE_ROLLBACK',
        path,
        `version ${version} of the agent is older than ${newest.version}, which the site has`,
      );
  }
}

export const refuseAgent = (code: BundleError['code'], file: string, why: string): BundleError =>
  new BundleError(code, `${file}: ${why}.`, {
    subject: { file },
    hint:
      code === 'BUNDLE_ROLLBACK'
        ? 'Ask for a bundle that carries the newer agent, or none.'
        : 'The bundle was built wrongly. Ask for a new one.',
  });
