import { judgeAgents, MAX_AGENT_BYTES, refuseAgent, whyNoAgent } from '../core/bundle/agents.ts';
import type { BundledAgent } from '../core/bundle/contents.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import { readDebControl } from './deb-archive.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';

/**
 * Step 15 for our own agent: the signed list, the manifest and what each package says of itself must agree, and no version may be
 * older than what the site has. Packages are read from the content store, after their hashes held.
 *
 * @throws BundleError BUNDLE_MIX_AND_MATCH, BUNDLE_ROLLBACK, BUNDLE_TOO_LARGE, BUNDLE_CONTENT_UNREADABLE
 */
export async function checkAgents(
  agents: readonly BundledAgent[],
  manifest: Manifest,
  { catalogue, content }: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
): Promise<void> {
  judgeAgents(agents, manifest.objects, catalogue.knownAgents());
  const large = manifest.objects.find((item) => item.class === 'agent' && item.size > MAX_AGENT_BYTES);
  if (large !== undefined)
    throw refuseAgent('BUNDLE_TOO_LARGE', large.path, 'it is larger than the agent may be');
  for (const { path, version, sha256 } of agents) {
    const control = await readDebControl(content.pathOf(sha256));
    const why = whyNoAgent(control);
    if (why !== null) throw refuseAgent('BUNDLE_MIX_AND_MATCH', path, why);
    if (control.version !== version)
      throw refuseAgent('BUNDLE_MIX_AND_MATCH', path, `it is of version ${control.version}`);
  }
}
