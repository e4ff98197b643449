import { TextPool, XmlFault, XmlReader } from './xml.ts';

/**
 * The documents inside `wsusscn2.cab`, the file with which Windows Update scans without a network. Microsoft describes
 * its use ("Using WUA to Scan for Updates Offline") and says that its inside may change (KB 927745); what is read here is
 * as it was found in such files:
 *
 * - `index.xml` names the cabinets and the first RevisionId that each has;
 * - `package.cab` holds `package.xml`: identity, supersedence, prerequisites, categories and payload of every revision;
 * - `packageN.cab` hold `x/<RevisionId>` (article, severity, files) and `l/<language>/<RevisionId>` (title), among others.
 */

export interface ScanCabinet {
  readonly name: string;
  /** First RevisionId in it; `null` for the one with `package.xml`. */
  readonly rangeStart: number | null;
}

export interface ScanRevision {
  readonly updateId: string;
  readonly revisionId: number;
  readonly revisionNumber: number;
  /** ISO-8601. */
  readonly createdAt: string | null;
  /** RevisionIds of those that replace it. */
  readonly supersededBy: readonly number[];
  /** Each group is met by one of its UpdateIds. */
  readonly prerequisites: readonly (readonly string[])[];
  readonly categories: readonly { readonly type: string; readonly id: string }[];
  /** RevisionIds of the updates that it is a part of. */
  readonly bundledBy: readonly number[];
  /** Base64 SHA-1 of its files. */
  readonly payload: readonly string[];
}

export interface ScanPackage {
  readonly createdAt: string | null;
  readonly revisions: ReadonlyMap<number, ScanRevision>;
  /** By base64 SHA-1 of a file: where Microsoft serves it. */
  readonly locations: ReadonlyMap<string, string>;
}

export const SCAN_LIMITS = {
  indexBytes: 1024 * 1024,
  cabinets: 256,
  revisions: 2_000_000,
  /** References of one revision. */
  references: 20_000,
  /** Of one member that describes a revision. */
  memberBytes: 4 * 1024 * 1024,
} as const;

/** @throws XmlFault */
export function parseScanIndex(text: string): ScanCabinet[] {
  const cabinets: ScanCabinet[] = [];
  const reader = new XmlReader('document', {
    open: (name, attributes) => {
      if (name !== 'CAB') return;
      const cabinet = attributes['NAME'] ?? '';
      if (!/^[A-Za-z0-9_.-]{1,64}\.cab$/i.test(cabinet)) throw new XmlFault('it names no cabinet');
      const start = attributes['RANGESTART'];
      cabinets.push({ name: cabinet, rangeStart: start === undefined ? null : wholeOf(start) });
      if (cabinets.length > SCAN_LIMITS.cabinets) throw new XmlFault('it names too many cabinets');
    },
  });
  reader.write(text);
  reader.end();
  if (new Set(cabinets.map((cabinet) => cabinet.name.toLowerCase())).size !== cabinets.length)
    throw new XmlFault('it names one cabinet twice');
  return cabinets;
}

/** Reads `package.xml` piece by piece: hundreds of megabytes, of which only the fields of {@link ScanRevision} are kept. */
export class ScanPackageReader {
  readonly #revisions = new Map<number, ScanRevision>();
  readonly #locations = new Map<string, string>();
  readonly #wantedFiles = new Set<string>();
  readonly #pool = new TextPool();
  readonly #xml: XmlReader;
  #createdAt: string | null = null;

  constructor() {
    let revision: DraftRevision | null = null;
    let parent = '';
    this.#xml = new XmlReader('document', {
      open: (name, attributes) => {
        switch (name) {
          case 'OfflineSyncPackage':
            this.#createdAt = instantOf(attributes['CreationDate']);
            break;
          case 'Update':
            revision = draftOf(attributes, this.#pool);
            break;
          case 'Prerequisites':
          case 'SupersededBy':
          case 'BundledBy':
          case 'PayloadFiles':
          case 'Categories':
            parent = name;
            break;
          case 'Or':
            if (parent === 'Prerequisites') revision?.prerequisites.push([]);
            parent = 'Or';
            break;
          case 'FileLocation':
            this.#addLocation(attributes);
            break;
          default:
            if (revision !== null) addReference(revision, parent, name, attributes, this.#pool);
        }
      },
      close: (name) => {
        if (name === 'Or') parent = 'Prerequisites';
        if (name !== 'Update' || revision === null) return;
        if (this.#revisions.size >= SCAN_LIMITS.revisions) throw new XmlFault('it lists too many updates');
        for (const file of revision.payload) this.#wantedFiles.add(file);
        this.#revisions.set(revision.revisionId, revision);
        revision = null;
        parent = '';
      },
    });
  }

  /** @throws XmlFault */
  write(text: string): void {
    this.#xml.write(text);
  }

  /** @throws XmlFault */
  end(): ScanPackage {
    this.#xml.end();
    return { createdAt: this.#createdAt, revisions: this.#revisions, locations: this.#locations };
  }

  #addLocation(attributes: Readonly<Record<string, string>>): void {
    const id = attributes['Id'] ?? '';
    const url = attributes['Url'] ?? '';
    if (this.#wantedFiles.has(id) && /^https?:\/\//.test(url) && url.length <= 1_024)
      this.#locations.set(this.#pool.keep(id), this.#pool.keep(url));
  }
}

interface DraftRevision extends ScanRevision {
  readonly supersededBy: number[];
  readonly prerequisites: string[][];
  readonly categories: { readonly type: string; readonly id: string }[];
  readonly bundledBy: number[];
  readonly payload: string[];
}

function draftOf(attributes: Readonly<Record<string, string>>, pool: TextPool): DraftRevision {
  return {
    updateId: pool.keep(guidOf(attributes['UpdateId'])),
    revisionId: wholeOf(attributes['RevisionId']),
    revisionNumber: wholeOf(attributes['RevisionNumber']),
    createdAt: instantOf(attributes['CreationDate']),
    supersededBy: [],
    prerequisites: [],
    categories: [],
    bundledBy: [],
    payload: [],
  };
}

function addReference(
  revision: DraftRevision,
  parent: string,
  name: string,
  attributes: Readonly<Record<string, string>>,
  pool: TextPool,
): void {
  const id = attributes['Id'] ?? '';
  switch (`${parent}/${name}`) {
    case 'SupersededBy/Revision':
      add(revision.supersededBy, wholeOf(id));
      return;
    case 'BundledBy/Revision':
      add(revision.bundledBy, wholeOf(id));
      return;
    case 'Prerequisites/UpdateId':
      add(revision.prerequisites, [pool.keep(guidOf(id))]);
      return;
    case 'Or/UpdateId':
      add(revision.prerequisites.at(-1) ?? [], pool.keep(guidOf(id)));
      return;
    case 'PayloadFiles/File':
      if (!/^[A-Za-z0-9+/]{27}=$/.test(id)) throw new XmlFault('a file of it has no SHA-1');
      add(revision.payload, pool.keep(id));
      return;
    case 'Categories/Category':
      add(revision.categories, { type: pool.keep(attributes['Type'] ?? ''), id: pool.keep(guidOf(id)) });
      return;
    default:
    // Languages and what else there is: not needed.
  }
}

function add<T>(list: T[], item: T): void {
  if (list.length >= SCAN_LIMITS.references) throw new XmlFault('an update of it refers to too many others');
  list.push(item);
}

function wholeOf(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new XmlFault('a number of it is none');
  return Number(text);
}

function guidOf(text: string | undefined): string {
  const guid = (text ?? '').toLowerCase();
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(guid)) throw new XmlFault('an id of it is none');
  return guid;
}

/** ISO-8601 in UTC, or `null`. */
function instantOf(text: string | undefined): string | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?Z?$/.exec(text ?? '');
  return match === null ? null : `${match[1] ?? ''}Z`;
}

/** Of `x/<RevisionId>`. */
export interface ScanProperties {
  /** `KB5034122` */
  readonly kb: string | null;
  /** Microsoft's word: `Critical`, `Important`, ... */
  readonly severity: string | null;
  readonly bulletin: string | null;
  /** Microsoft's word: `NeverReboots`, `AlwaysRequiresReboot`, `CanRequestReboot`. */
  readonly reboot: string | null;
  readonly files: readonly ScanFile[];
}

export interface ScanFile {
  readonly name: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha1: string;
  readonly sha256: string | null;
}

/** @throws XmlFault */
export function parseScanProperties(text: string): ScanProperties {
  let kb: string | null = null;
  let severity: string | null = null;
  let bulletin: string | null = null;
  let reboot: string | null = null;
  const files: ScanFile[] = [];
  let file: { name: string; size: number; sha1: string; sha256: string | null } | null = null;
  let algorithm = '';
  const reader = new XmlReader('fragment', {
    open: (name, attributes) => {
      if (name === 'ExtendedProperties') severity = attributes['MsrcSeverity']?.slice(0, 32) ?? null;
      else if (name === 'InstallationBehavior') reboot = attributes['RebootBehavior']?.slice(0, 64) ?? null;
      else if (name === 'AdditionalDigest') algorithm = attributes['Algorithm'] ?? '';
      else if (name === 'File' && attributes['DigestAlgorithm'] === 'SHA1')
        file = {
          name: (attributes['FileName'] ?? '').slice(0, 256),
          size: wholeOf(attributes['Size']),
          sha1: hexOf(attributes['Digest'] ?? '', 20),
          sha256: null,
        };
    },
    close: (name, content) => {
      const value = content.trim();
      if (name === 'KBArticleID' && /^\d{5,8}$/.test(value)) kb = `KB${value}`;
      else if (name === 'SecurityBulletinID' && value !== '') bulletin = value.slice(0, 32);
      else if (name === 'AdditionalDigest' && algorithm === 'SHA256' && file !== null)
        file.sha256 = hexOf(value, 32);
      else if (name === 'File' && file !== null) {
        add(files, file);
        file = null;
      }
    },
  });
  reader.write(text);
  reader.end();
  return { kb, severity, bulletin, reboot, files };
}

/** Of `l/<language>/<RevisionId>`. @throws XmlFault */
export function parseScanTitle(text: string): { readonly title: string; readonly description: string } {
  let title = '';
  let description = '';
  const reader = new XmlReader('fragment', {
    close: (name, content) => {
      if (name === 'Title') title = plain(content, 500);
      else if (name === 'Description') description = plain(content, 4_000);
    },
  });
  reader.write(text);
  reader.end();
  return { title, description };
}

const plain = (text: string, max: number): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, max);

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A digest in base64 as lower-case hex. @throws XmlFault when it is not of that many bytes */
export function hexOf(base64: string, bytes: number): string {
  let bits = '';
  for (const sign of base64.replace(/=+$/, '')) {
    const value = BASE64.indexOf(sign);
    if (value < 0) throw new XmlFault('a digest of it is malformed');
    bits += value.toString(2).padStart(6, '0');
  }
  const hex: string[] = [];
  for (let at = 0; at + 8 <= bits.length; at += 8)
    hex.push(
      Number.parseInt(bits.slice(at, at + 8), 2)
        .toString(16)
        .padStart(2, '0'),
    );
  if (hex.length !== bytes) throw new XmlFault('a digest of it is malformed');
  return hex.join('');
}
