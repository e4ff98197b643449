import type { CollectSources } from '../../../contract/collect.ts';

/** Sources while somebody writes them: every field is text, and rows may be empty. */
export interface SourceDraft {
  readonly mirrors: CollectSources['mirrors'];
  readonly keyring: string;
  readonly vendorKeys: readonly string[];
  /** Names apart by blanks. */
  readonly unsignedRoots: string;
  readonly microsoft: string;
  readonly advisories: readonly string[];
  readonly kev: string;
  readonly epss: string;
  readonly downloadFolder: string;
  readonly proxy: string;
}

export const draftOf = (sources: CollectSources): SourceDraft => ({
  mirrors: sources.mirrors,
  keyring: sources.keyring ?? '',
  vendorKeys: sources.vendorKeys,
  unsignedRoots: sources.unsignedRoots.join(' '),
  microsoft: sources.microsoft ?? '',
  advisories: sources.advisories,
  kev: sources.kev ?? '',
  epss: sources.epss ?? '',
  downloadFolder: sources.downloadFolder ?? '',
  proxy: sources.proxy ?? '',
});

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
const filled = (texts: readonly string[]): string[] =>
  texts.map((text) => text.trim()).filter((text) => text !== '');

/** What is saved of it. */
export const sourcesOfDraft = (draft: SourceDraft): CollectSources => ({
  mirrors: draft.mirrors
    .map(({ root, address }) => ({ root: root.trim(), address: address.trim() }))
    .filter(({ root, address }) => root !== '' && address !== ''),
  keyring: orNull(draft.keyring),
  vendorKeys: filled(draft.vendorKeys),
  unsignedRoots: filled(draft.unsignedRoots.split(/[\s,]+/)),
  microsoft: orNull(draft.microsoft),
  advisories: filled(draft.advisories),
  kev: orNull(draft.kev),
  epss: orNull(draft.epss),
  downloadFolder: orNull(draft.downloadFolder),
  proxy: orNull(draft.proxy),
});

/** What is wrong with a proxy's address before it is sent; `null` for nothing. */
export const proxyProblem = (proxy: string): string | null =>
  proxy.trim() === '' || /^https?:\/\/[^\s/@]+\/?$/.test(proxy.trim())
    ? null
    : 'Write http:// or https://, the name and the port: http://proxy.example:3128. No user, no password.';
