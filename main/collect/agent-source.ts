import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, CollectError } from '../../contract/errors.ts';
import { readDebControl } from '../bundle/deb-archive.ts';
import {
  agentFileName,
  agentPath,
  AGENT_PACKAGE,
  MAX_AGENT_BYTES,
  whyNoAgent,
} from '../core/bundle/agents.ts';
import type { BundledAgent } from '../core/bundle/contents.ts';
import type { ManifestObject } from '../core/bundle/manifest.ts';
import {
  NOTHING_ELSE,
  type CollectedContent,
  type CollectRequest,
  type ContentSource,
} from './content-source.ts';
import { keepBytes } from './fetch-file.ts';

/** Packages of our own agent: a folder with nothing else in it. */
export class AgentSource implements ContentSource {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Takes every package of the folder. Each must be our agent by what it says of itself, not by its name alone.
   *
   * @throws CollectError COLLECT_FOLDER_UNREADABLE, COLLECT_AGENT_INVALID
   */
  async collect({ context, signal }: CollectRequest): Promise<CollectedContent> {
    const objects: ManifestObject[] = [];
    const agents: BundledAgent[] = [];
    for (const entry of this.#entries()) {
      signal?.throwIfAborted();
      const version = await this.#versionOf(entry);
      const kept = keepBytes(context.downloadDir, readFileSync(join(this.#dir, entry.name)));
      const path = agentPath(version);
      objects.push({ ...kept, class: 'agent', path });
      agents.push({ ...AGENT_PACKAGE, version, path, sha256: kept.sha256 });
    }
    return { ...NOTHING_ELSE, objects, agents };
  }

  #entries(): readonly Dirent[] {
    const unreadable = (message: string, cause?: unknown): CollectError =>
      new CollectError('COLLECT_FOLDER_UNREADABLE', message, {
        hint: 'Name the folder with the packages of the agent, sallyport-agent_*_all.deb.',
        subject: { dir: this.#dir },
        cause,
      });
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(this.#dir, { withFileTypes: true });
    } catch (cause) {
      throw unreadable(`${this.#dir} can't be read.`, cause);
    }
    if (entries.length === 0) throw unreadable(`${this.#dir} has no package of the agent.`);
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #versionOf(entry: Dirent): Promise<string> {
    const file = join(this.#dir, entry.name);
    if (!entry.isFile()) throw invalid(file, 'it is no plain file');
    if ((await lstat(file)).size > MAX_AGENT_BYTES) throw invalid(file, 'it is larger than the agent may be');
    const control = await readDebControl(file).catch((cause: unknown) => {
      if (!(cause instanceof CodedError)) throw cause;
      throw invalid(file, 'it is no Debian package', cause);
    });
    const why = whyNoAgent(control);
    if (why !== null) throw invalid(file, why);
    if (entry.name !== agentFileName(control.version))
      throw invalid(file, `it is version ${control.version}, and its name says something else`);
    return control.version;
  }
}

const invalid = (file: string, why: string, cause?: unknown): CollectError =>
  new CollectError('COLLECT_AGENT_INVALID', `${file} is no package of Sallyport's agent: ${why}.`, {
    hint: 'Leave only packages that `npm run agent` built in that folder, sallyport-agent_*_all.deb.',
    subject: { file },
    cause,
  });
