import { isAbsolute } from 'node:path';
import { CollectSources } from '../../contract/collect.ts';
import { ContractError } from '../../contract/errors.ts';
import type { NeedsListRow } from '../catalogue/collect-store.ts';
import { parseBaseline } from '../core/baseline.ts';
import { parseNeedsList, type NeedsList } from '../core/needs-list.ts';
import type { Services } from './services.ts';

/** What the Collect workspace has been told: sources, the folder of the keys, needs-lists. */

const NO_SOURCES: CollectSources = {
  mirrors: [],
  keyring: null,
  vendorKeys: [],
  unsignedRoots: [],
  microsoft: null,
  advisories: [],
  kev: null,
  epss: null,
  downloadFolder: null,
  proxy: null,
};

/** Sources as they were saved, also by a Sallyport that knew fewer kinds. */
export function sourcesOf({ site }: Services): CollectSources {
  const stored = site.getSetting('collect.sources');
  if (stored === null) return NO_SOURCES;
  const { advisoriesFile, ...known } = JSON.parse(stored) as Record<string, unknown>;
  const advisories = typeof advisoriesFile === 'string' ? [advisoriesFile] : [];
  return CollectSources.parse({ ...NO_SOURCES, advisories, ...known });
}

/** For the audit trail: names of roots, and which other kinds there are. */
export function describeSources(sources: CollectSources): Record<string, string> {
  const others = [
    ...(sources.microsoft === null ? [] : ['microsoft']),
    ...(sources.advisories.length === 0 ? [] : ['advisories']),
    ...(sources.kev === null ? [] : ['kev']),
    ...(sources.epss === null ? [] : ['epss']),
  ];
  return {
    mirrors: sources.mirrors.map(({ root }) => root).join(' '),
    ...(others.length === 0 ? {} : { others: others.join(' ') }),
    ...(sources.unsignedRoots.length === 0 ? {} : { unsigned: sources.unsignedRoots.join(' ') }),
  };
}

export const byRoot = (mirrors: CollectSources['mirrors']): Record<string, string> =>
  Object.fromEntries(mirrors.map(({ root, address }) => [root, address]));

/** @throws ContractError CONTRACT_NOT_FOUND before anybody said where the keys are */
export function keysFolder({ site }: Services): string {
  const folder = site.getSetting('collect.keys');
  if (folder !== null) return folder;
  throw new ContractError('CONTRACT_NOT_FOUND', 'Nobody said yet which keys sign the bundle.', {
    hint: 'Make signing keys, or choose the folder that has them.',
  });
}

/** A needs-list, or a baseline as one. @throws CollectError COLLECT_NEEDS_LIST_INVALID */
export function readNeeds({ text, openedAt }: Pick<NeedsListRow, 'text' | 'openedAt'>): {
  readonly kind: 'needs-list' | 'baseline';
  readonly list: NeedsList;
} {
  // Only a file that says so is read as a baseline; everything else is told what is wrong with it as a needs-list.
  return /"format"\s*:\s*"sallyport-baseline\//.test(text)
    ? { kind: 'baseline', list: parseBaseline(text, openedAt) }
    : { kind: 'needs-list', list: parseNeedsList(text) };
}

/** @throws ContractError CONTRACT_INPUT_INVALID */
export function mustBeAbsolute(path: string): void {
  if (isAbsolute(path)) return;
  throw new ContractError('CONTRACT_INPUT_INVALID', `${path} does not say where it lies from the root on.`, {
    hint: 'Write the whole path, or choose it.',
  });
}

export function tellCollect(services: Services): void {
  services.publish({ kind: 'changed', area: 'collect', id: null });
}
