import { graverSeverity } from '../advisory.ts';
import { isSafePath } from '../bundle/logical-path.ts';
import { architectureOf, severityOf } from './compose-updates.ts';
import type { PayloadFacts } from './microsoft-facts.ts';
import type { MsrcFix } from './msrc.ts';
import { readSupersedence } from './supersedence.ts';
import type { WindowsArchitecture, WindowsFile, WindowsUpdate } from './update-list.ts';

/** A file of the folder, as it was hashed. */
export interface HashedPayload {
  /** As it lies there. */
  readonly name: string;
  readonly size: number;
  readonly sha1: string;
  readonly sha256: string;
  readonly signature: WindowsFile['signature'];
}

export interface JoinedUpdates {
  readonly updates: readonly WindowsUpdate[];
  /** Files that something of Microsoft's vouches for, by SHA-256, with their path below `microsoft/`. */
  readonly carried: ReadonlyMap<string, string>;
  readonly refused: readonly { readonly payload: HashedPayload; readonly reason: string }[];
  readonly notes: readonly string[];
}

type Draft = { -readonly [K in keyof WindowsUpdate]: WindowsUpdate[K] };

/**
 * Puts together what the scan file, the response center and a person's notes say, and the files at hand. A file is
 * carried only when its digest is known from one of them, or stands in its name as the Update Catalog writes it, and is right.
 */
export function joinUpdates(input: {
  readonly scanned: readonly WindowsUpdate[];
  readonly fixes: readonly MsrcFix[];
  readonly facts: readonly PayloadFacts[];
  readonly payloads: readonly HashedPayload[];
}): JoinedUpdates {
  const drafts = new Drafts(input.scanned);
  addFixes(drafts, input.fixes);
  const { carried, refused } = addPayloads(drafts, input);
  const { updates, notes } = drafts.finish();
  return { updates, carried, refused, notes };
}

class Drafts {
  readonly #byId = new Map<string, Draft>();
  readonly #byKb = new Map<string, Draft[]>();

  constructor(scanned: readonly WindowsUpdate[]) {
    for (const update of scanned) this.#add({ ...update });
  }

  all(): Iterable<Draft> {
    return this.#byId.values();
  }

  /** Updates of an article for an architecture; those for every one count too. */
  ofArticle(kb: string, arch: WindowsArchitecture | null): Draft[] {
    const own = this.#byKb.get(kb) ?? [];
    return arch === null || arch === 'all'
      ? own
      : own.filter((draft) => draft.arch === arch || draft.arch === 'all');
  }

  /** An update that no scan file names. */
  make(kb: string, arch: WindowsArchitecture): Draft {
    const id = `${kb}-${arch}`;
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const draft: Draft = {
      id,
      kb,
      title: kb,
      description: '',
      classification: '',
      severity: 'not stated',
      bulletin: null,
      products: [],
      arch,
      createdAt: null,
      reboot: null,
      fixedBuilds: [],
      supersededBy: [],
      prerequisites: [],
      cves: [],
      files: [],
    };
    this.#add(draft);
    return draft;
  }

  #add(draft: Draft): void {
    this.#byId.set(draft.id, draft);
    if (draft.kb === null) return;
    const own = this.#byKb.get(draft.kb);
    if (own === undefined) this.#byKb.set(draft.kb, [draft]);
    else own.push(draft);
  }

  /** Every update of the article that is replaced gets every update of its successor for its architecture. */
  supersede(old: string, kb: string, arch: WindowsArchitecture | null): void {
    for (const draft of this.ofArticle(old, arch)) {
      const successors = this.ofArticle(kb, draft.arch).map((other) => other.id);
      draft.supersededBy = unite(
        draft.supersededBy,
        successors.filter((id) => id !== draft.id),
      );
    }
  }

  finish(): { readonly updates: WindowsUpdate[]; readonly notes: string[] } {
    const updates = [...this.#byId.keys()].sort().flatMap((id) => this.#byId.get(id) ?? []);
    const { circles } = readSupersedence(updates);
    const nameOf = (id: string): string => this.#byId.get(id)?.kb ?? id;
    const notes = circles.map((circle) =>
      `replace one another in a circle: ${circle.map(nameOf).sort().join(', ')}`.slice(0, 2_000),
    );
    return { updates, notes: notes.slice(0, 10_000) };
  }
}

const unite = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])].sort();

function addFixes(drafts: Drafts, fixes: readonly MsrcFix[]): void {
  for (const fix of fixes) {
    const known = drafts.ofArticle(fix.kb, fix.arch);
    const own = known.length > 0 ? known : [drafts.make(fix.kb, fix.arch)];
    for (const draft of own) {
      if (fix.cve !== null) draft.cves = unite(draft.cves, [fix.cve]).slice(0, 5_000);
      if (fix.fixedBuild !== null)
        draft.fixedBuilds = unite(draft.fixedBuilds, [fix.fixedBuild]).slice(0, 64);
      draft.severity = graverSeverity(draft.severity, fix.severity);
      draft.createdAt ??= fix.releasedAt;
      // Of updates that a scan file names it knows the products, in its own words.
      if (draft.id.startsWith('KB')) {
        draft.products = unite(draft.products, [fix.product]).slice(0, 512);
        draft.classification = 'Security Updates';
      }
    }
  }
  for (const fix of fixes) for (const old of fix.supersedes) drafts.supersede(old, fix.kb, fix.arch);
}

function addPayloads(
  drafts: Drafts,
  {
    facts,
    payloads,
  }: { readonly facts: readonly PayloadFacts[]; readonly payloads: readonly HashedPayload[] },
): Pick<JoinedUpdates, 'carried' | 'refused'> {
  const byDigest = new Map<string, { readonly draft: Draft; readonly file: WindowsFile }[]>();
  for (const draft of drafts.all()) {
    for (const file of draft.files) {
      for (const digest of [file.sha1, file.sha256]) {
        if (digest !== null) byDigest.set(digest, [...(byDigest.get(digest) ?? []), { draft, file }]);
      }
    }
  }
  const factsOf = new Map(facts.map((row) => [row.file.toLowerCase(), row]));
  const carried = new Map<string, string>();
  const paths = new Set<string>();
  const refused: { payload: HashedPayload; reason: string }[] = [];
  for (const payload of payloads) {
    const row = factsOf.get(payload.name.toLowerCase());
    const listed = byDigest.get(payload.sha256) ?? byDigest.get(payload.sha1) ?? [];
    const doubt = doubtOf(payload, row, listed);
    if (doubt !== null) {
      refused.push({ payload, reason: doubt });
      continue;
    }
    const owners = listed.length > 0 ? listed.map(({ draft }) => draft) : ownersOf(drafts, payload, row);
    const [first] = owners;
    if (first === undefined) {
      refused.push({
        payload,
        reason: 'neither its name nor the catalogue says which article it belongs to',
      });
      continue;
    }
    const path = pathOf(payload, row?.kb ?? first.kb ?? first.id, paths);
    carried.set(payload.sha256, path);
    for (const owner of owners) {
      if (row !== undefined) addFacts(owner, row);
      putFile(owner, payload, path);
    }
  }
  for (const row of facts) {
    const isHere = payloads.some((payload) => payload.name.toLowerCase() === row.file.toLowerCase());
    const arch = row.arch ?? architectureOf(`${row.title ?? ''} ${row.file}`);
    if (isHere) for (const old of row.supersedes) drafts.supersede(old, row.kb, arch);
  }
  return { carried, refused };
}

/** Why nothing vouches for a file, or `null`. */
function doubtOf(
  payload: HashedPayload,
  row: PayloadFacts | undefined,
  listed: readonly { readonly file: WindowsFile }[],
): string | null {
  if (row?.sha256 !== undefined && row.sha256 !== null && row.sha256 !== payload.sha256)
    return 'its SHA-256 is not the one that the catalogue file states';
  if (row?.sha1 !== undefined && row.sha1 !== null && row.sha1 !== payload.sha1)
    return 'its SHA-1 is not the one that the catalogue file states';
  for (const { file } of listed) {
    if (file.sha256 !== null && file.sha256 !== payload.sha256)
      return 'its SHA-1 is that of a file of Microsoft’s, but its SHA-256 is another';
    if (file.size !== payload.size) return 'its size is not the one that the scan file states';
  }
  const named = /_([0-9a-f]{40})\.[a-z]{3}$/i.exec(payload.name)?.[1]?.toLowerCase();
  if (named !== undefined && named !== payload.sha1) return 'its SHA-1 is not the one in its name';
  const isVouchedFor =
    listed.length > 0 ||
    named !== undefined ||
    (row?.sha256 ?? null) !== null ||
    (row?.sha1 ?? null) !== null;
  return isVouchedFor ? null : 'nothing says what its digest must be';
}

function ownersOf(drafts: Drafts, payload: HashedPayload, row: PayloadFacts | undefined): Draft[] {
  const number = /kb(\d{6,8})/i.exec(payload.name)?.[1];
  const kb = row?.kb ?? (number === undefined ? undefined : `KB${number}`);
  if (kb === undefined) return [];
  const arch = row?.arch ?? architectureOf(`${row?.title ?? ''} ${payload.name.replaceAll(/[-_.]/g, ' ')}`);
  const known = drafts.ofArticle(kb, arch);
  return known.length > 0 ? known : [drafts.make(kb, arch)];
}

function addFacts(draft: Draft, row: PayloadFacts): void {
  if (row.title !== null && (draft.title === '' || draft.title === draft.kb)) draft.title = row.title;
  if (row.classification !== null && draft.classification === '') draft.classification = row.classification;
  draft.products = unite(draft.products, row.products).slice(0, 512);
  draft.severity = graverSeverity(draft.severity, severityOf(row.severity));
  if (row.fixedBuild !== null) draft.fixedBuilds = unite(draft.fixedBuilds, [row.fixedBuild]).slice(0, 64);
}

function putFile(draft: Draft, payload: HashedPayload, path: string): void {
  const { sha1, sha256, size, signature } = payload;
  const known = draft.files.findIndex((file) => file.sha1 === sha1 || file.sha256 === sha256);
  const before = draft.files[known];
  const file: WindowsFile = {
    name: before?.name ?? payload.name,
    url: before?.url ?? null,
    ...{ size, sha1, sha256, path, signature },
  };
  draft.files = known < 0 ? [...draft.files, file] : draft.files.with(known, file);
}

/** Below `microsoft/`: the article, then the file's name where it is one that any disk takes. */
function pathOf(payload: HashedPayload, article: string, taken: Set<string>): string {
  const folder = article.toLowerCase();
  const extension = /\.([a-z]{3})$/i.exec(payload.name)?.[1]?.toLowerCase() ?? 'bin';
  const plain = `${folder}/${payload.name}`;
  const isPlain = isSafePath(plain) && payload.name.length <= 150;
  const path =
    isPlain && !taken.has(plain.toLowerCase())
      ? plain
      : `${folder}/${payload.sha256.slice(0, 32)}.${extension}`;
  taken.add(path.toLowerCase());
  return path;
}
