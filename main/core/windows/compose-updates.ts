import type { Severity } from '../advisory.ts';
import type { ScanPackage, ScanProperties, ScanRevision } from './offline-scan.ts';
import type { WindowsArchitecture, WindowsFile, WindowsUpdate } from './update-list.ts';

/** What the cabinets beside `package.cab` say of revisions, by RevisionId. */
export interface ScanDescriptions {
  readonly properties: ReadonlyMap<number, ScanProperties>;
  readonly titles: ReadonlyMap<number, { readonly title: string; readonly description: string }>;
}

/** Ids of classifications (learn.microsoft.com, "Classification GUIDs"), for scan files that don't describe them. */
const CLASSIFICATIONS: Readonly<Record<string, string>> = {
  '0fa1201d-4330-4fa8-8ae9-b877473b6441': 'Security Updates',
  '28bc880e-0592-4cbf-8f95-c79b17911d5f': 'Update Rollups',
  '3689bdc8-b205-4af4-8d4d-a63924c5e9d5': 'Upgrades',
  '68c5b0a3-d1a6-4553-ae49-01d3a7827828': 'Service Packs',
  'b4832bd8-e735-4761-8daf-37f882276dab': 'Tools',
  'b54e7d24-7add-428f-8b75-90a396fa584f': 'Feature Packs',
  'cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83': 'Updates',
  'e0789628-ce08-4437-be74-2495b842f43b': 'Definition Updates',
  'e6cf1350-c01b-414d-a61f-263d14d133b4': 'Critical Updates',
  'ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0': 'Drivers',
};

const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  moderate: 'medium',
  low: 'low',
};

/** Microsoft's four words (its "Security Update Severity Rating System"); anything else is not stated. */
export const severityOf = (word: string | null | undefined): Severity =>
  SEVERITY_WORDS[(word ?? '').trim().toLowerCase()] ?? 'not stated';

const REBOOTS: Readonly<Record<string, WindowsUpdate['reboot']>> = {
  NeverReboots: 'never',
  CanRequestReboot: 'possible',
  AlwaysRequiresReboot: 'always',
};

/** From the words that titles and product names have; `all` when they name none. */
export function architectureOf(words: string): WindowsArchitecture {
  if (/\barm64/i.test(words)) return 'arm64';
  if (/\bx64\b|\bx64-based|64-bit(?! edition for itanium)|\bamd64\b/i.test(words)) return 'x64';
  if (/\bitanium|\bia64\b/i.test(words)) return 'ia64';
  return /\bx86\b|\bx86-based|32-bit/i.test(words) ? 'x86' : 'all';
}

/** Revisions whose description is needed: everything but nothing's part. Categories give names, parts give files. */
export function findCategories(revisions: ReadonlyMap<number, ScanRevision>): ReadonlySet<string> {
  const categories = new Set<string>();
  for (const revision of revisions.values()) for (const { id } of revision.categories) categories.add(id);
  return categories;
}

/**
 * Puts together the updates of a scan file: those that are no part of another and no category, with the files of their
 * parts. What neither has an article nor a classification is a detection rule and left out.
 */
export function composeScanUpdates(pkg: ScanPackage, about: ScanDescriptions): WindowsUpdate[] {
  const { revisions } = pkg;
  const categories = findCategories(revisions);
  const newest = new Map<string, ScanRevision>();
  const roots = new Map<string, ScanRevision>();
  for (const revision of revisions.values()) {
    const known = newest.get(revision.updateId);
    if (known === undefined || known.revisionNumber < revision.revisionNumber)
      newest.set(revision.updateId, revision);
  }
  for (const revision of newest.values()) {
    if (revision.bundledBy.length > 0 || categories.has(revision.updateId)) continue;
    const isClassified = revision.categories.some(({ type }) => type === 'UpdateClassification');
    const kb = about.properties.get(revision.revisionId)?.kb ?? null;
    if (isClassified || kb !== null) roots.set(revision.updateId, revision);
  }
  const files = gatherFiles(pkg, about);
  const nameOf = (id: string): string => {
    const revision = newest.get(id);
    const title = revision === undefined ? undefined : about.titles.get(revision.revisionId)?.title;
    return title ?? CLASSIFICATIONS[id] ?? id;
  };
  const updates: WindowsUpdate[] = [];
  for (const revision of roots.values()) {
    const { revisionId } = revision;
    const text = about.titles.get(revisionId);
    const properties = about.properties.get(revisionId);
    const title = text?.title ?? '';
    const own = files.get(revisionId) ?? [];
    const named = (type: string): string[] =>
      revision.categories.flatMap((category) => (category.type === type ? nameOf(category.id) : []));
    const arch = architectureOf(title);
    updates.push({
      id: revision.updateId,
      kb: properties?.kb ?? kbOf(title),
      title,
      description: text?.description ?? '',
      classification: (named('UpdateClassification')[0] ?? '').slice(0, 128),
      severity: severityOf(properties?.severity),
      bulletin: properties?.bulletin ?? null,
      products: [...new Set(named('Product'))].sort().slice(0, 512),
      arch: arch === 'all' ? architectureOf(own.map((file) => file.name).join(' ')) : arch,
      createdAt: revision.createdAt,
      reboot: REBOOTS[properties?.reboot ?? ''] ?? null,
      fixedBuilds: [],
      supersededBy: [
        ...new Set(
          revision.supersededBy.flatMap((id) => {
            const other = revisions.get(id)?.updateId;
            return other === undefined || other === revision.updateId || !roots.has(other) ? [] : other;
          }),
        ),
      ],
      // Categories among them say for which products it is; detection rules can't be judged here.
      prerequisites: revision.prerequisites
        .map((group) => group.filter((id) => roots.has(id) && id !== revision.updateId))
        .filter((group, index) => group.length > 0 && group.length === revision.prerequisites[index]?.length),
      cves: [],
      files: own,
    });
  }
  return updates.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const kbOf = (title: string): string | null => /\((KB\d{5,8})\)/.exec(title)?.[1] ?? null;

/** By RevisionId of an update: the files of it and of its parts, and of theirs. */
function gatherFiles(pkg: ScanPackage, about: ScanDescriptions): ReadonlyMap<number, WindowsFile[]> {
  const locations = new Map<string, string>();
  for (const [base64, url] of pkg.locations) locations.set(base64, url);
  const bySha1 = new Map<number, Map<string, WindowsFile>>();
  for (const revision of pkg.revisions.values()) {
    const properties = about.properties.get(revision.revisionId);
    if (properties === undefined || properties.files.length === 0) continue;
    for (const owner of ownersOf(revision, pkg.revisions)) {
      const list = bySha1.get(owner) ?? new Map<string, WindowsFile>();
      bySha1.set(owner, list);
      for (const file of properties.files) {
        if (list.size >= 20_000 || file.name === '') break;
        const url = locations.get(base64Of(file.sha1)) ?? null;
        list.set(file.sha1, { ...file, url, path: null, signature: null });
      }
    }
  }
  return new Map([...bySha1].map(([owner, list]) => [owner, [...list.values()]]));
}

/** Itself and all that it is a part of. */
function ownersOf(revision: ScanRevision, revisions: ReadonlyMap<number, ScanRevision>): ReadonlySet<number> {
  const owners = new Set<number>([revision.revisionId]);
  const open = [revision];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const id of next.bundledBy) {
      const owner = revisions.get(id);
      if (owner === undefined || owners.has(id)) continue;
      owners.add(id);
      open.push(owner);
    }
  }
  return owners;
}

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A SHA-1 in hex as `package.xml` writes it. */
function base64Of(hex: string): string {
  let bits = '';
  for (const digit of hex) bits += Number.parseInt(digit, 16).toString(2).padStart(4, '0');
  bits = bits.padEnd(Math.ceil(bits.length / 6) * 6, '0');
  let text = '';
  for (let at = 0; at < bits.length; at += 6) text += SIGNS[Number.parseInt(bits.slice(at, at + 6), 2)] ?? '';
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
