import { formatRpmVersion } from '../version/rpm.ts';
import { RpmXmlDocument, unreadable, wholeNumber } from './xml-document.ts';

/** What a package offers or asks for: a name, and a bound on its version if it states one. */
export interface Capability {
  readonly name: string;
  readonly flag: 'EQ' | 'LT' | 'LE' | 'GT' | 'GE' | null;
  /** `[epoch:]version[-release]`; empty without a flag. */
  readonly version: string;
}

/** One package of a repository's `primary.xml`: a patch that the vendor offers. */
export interface RpmRecord {
  readonly name: string;
  /** `[epoch:]version-release`; an epoch of 0 is left out. */
  readonly version: string;
  readonly arch: string;
  /** Name of the source package, by the name of its file, and its version, which has no epoch there. */
  readonly source: string;
  readonly sourceVersion: string;
  /** `rpm:group`; most vendors give none any more. */
  readonly section: string;
  readonly priority: string;
  /** KiB. */
  readonly installedSize: number | null;
  /** Bytes of the .rpm file. */
  readonly size: number;
  /** Of the .rpm file. */
  readonly sha256: string;
  /** Below the folder that holds `repodata`. */
  readonly filename: string;
  readonly essential: boolean;
  /** The summary, one line. */
  readonly description: string;
  readonly provides: readonly Capability[];
  readonly requires: readonly Capability[];
  readonly obsoletes: readonly Capability[];
  /** Those of its files that `primary.xml` names: programs, and what lies below /etc. */
  readonly files: readonly string[];
}

export interface PrimaryOptions {
  /** A catalogue has no use for relations, and they are most of the document. */
  readonly relations: boolean;
}

const MAX_RELATIONS = 100_000;
const FLAGS = ['EQ', 'LT', 'LE', 'GT', 'GE'] as const;

interface Draft {
  readonly fields: Map<string, string>;
  readonly provides: Capability[];
  readonly requires: Capability[];
  readonly obsoletes: Capability[];
  readonly files: string[];
}

/**
 * Reads `primary.xml`, piece by piece. Packages whose checksum is not SHA-256 or which lie at another address
 * (`xml:base`) are left out and counted.
 *
 * Written after what createrepo_c(8) writes.
 */
export class PrimaryReader {
  readonly #file: string;
  readonly #document: RpmXmlDocument;
  readonly #parents: string[] = [];
  #records: RpmRecord[] = [];
  #draft: Draft | null = null;
  #skipped = 0;

  /** @param file name for messages */
  constructor(file: string, options: PrimaryOptions = { relations: true }) {
    this.#file = file;
    this.#document = new RpmXmlDocument(file, {
      open: (name, attributes) => {
        const parent = this.#parents.at(-1);
        this.#parents.push(name);
        if (name === 'package' && attributes['type'] === 'rpm') this.#draft = newDraft();
        else if (this.#draft !== null) open(this.#draft, name, parent, attributes, options, this.#file);
      },
      close: (name, text) => {
        this.#parents.pop();
        const draft = this.#draft;
        if (draft === null) return;
        if (name === 'package') {
          this.#finish(draft);
          this.#draft = null;
        } else if (name === 'file') {
          if (options.relations && draft.files.length < MAX_RELATIONS) draft.files.push(text.trim());
        } else if (TEXTS.has(name)) draft.fields.set(name, text);
      },
    });
  }

  /** Packages left out so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /** @returns packages that were completed by this piece; BundleError BUNDLE_CONTENT_UNREADABLE is thrown */
  write(text: string): readonly RpmRecord[] {
    this.#document.write(text);
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** @throws BundleError BUNDLE_CONTENT_UNREADABLE when the document is not whole */
  end(): void {
    this.#document.end();
  }

  #finish(draft: Draft): void {
    const record = toRecord(draft, this.#file);
    if (record === null) this.#skipped += 1;
    else this.#records.push(record);
  }
}

const TEXTS = new Set(['name', 'arch', 'checksum', 'summary', 'sourcerpm', 'group']);

const newDraft = (): Draft => ({
  fields: new Map(),
  provides: [],
  requires: [],
  obsoletes: [],
  files: [],
});

function open(
  draft: Draft,
  name: string,
  parent: string | undefined,
  attributes: Readonly<Record<string, string>>,
  options: PrimaryOptions,
  file: string,
): void {
  const { fields } = draft;
  switch (name) {
    case 'version':
      fields.set('evr', evrOf(attributes));
      break;
    case 'checksum':
      fields.set('checksum type', attributes['type'] ?? '');
      break;
    case 'size':
      fields.set('size', attributes['package'] ?? '');
      fields.set('installed', attributes['installed'] ?? '');
      break;
    case 'location':
      fields.set('location', attributes['href'] ?? '');
      if (attributes['xml:base'] !== undefined) fields.set('base', attributes['xml:base']);
      break;
    case 'entry': {
      const list = options.relations ? relationOf(draft, parent) : null;
      if (list === null) break;
      if (list.length >= MAX_RELATIONS) throw unreadable(file, 'a package has too many relations');
      const flag = FLAGS.find((item) => item === attributes['flags']) ?? null;
      list.push({ name: attributes['name'] ?? '', flag, version: flag === null ? '' : evrOf(attributes) });
      break;
    }
    default:
  }
}

function relationOf(draft: Draft, parent: string | undefined): Capability[] | null {
  if (parent === 'provides') return draft.provides;
  if (parent === 'requires') return draft.requires;
  return parent === 'obsoletes' ? draft.obsoletes : null;
}

function evrOf(attributes: Readonly<Record<string, string>>): string {
  const { epoch, ver, rel } = attributes;
  const version = ver ?? '';
  if (rel !== undefined) return formatRpmVersion(epoch ?? null, version, rel);
  return epoch === undefined || /^0*$/.test(epoch) ? version : `${epoch}:${version}`;
}

/** `null` for a package that can't be vouched for by SHA-256. */
function toRecord({ fields, ...relations }: Draft, file: string): RpmRecord | null {
  const name = fields.get('name') ?? '';
  const version = fields.get('evr') ?? '';
  const arch = fields.get('arch') ?? '';
  const size = wholeNumber(fields.get('size'));
  const filename = fields.get('location') ?? '';
  if (name === '' || version === '' || arch === '' || size === null || filename === '') {
    throw unreadable(file, `a package lacks its name, version, architecture, size or location (${name})`);
  }
  const sha256 = (fields.get('checksum') ?? '').trim();
  if (fields.get('checksum type') !== 'sha256' || !/^[0-9a-f]{64}$/.test(sha256) || fields.has('base'))
    return null;
  const installed = wholeNumber(fields.get('installed'));
  return {
    name,
    version,
    arch,
    ...sourceOf(fields.get('sourcerpm') ?? '', name, version),
    section: (fields.get('group') ?? '').trim().slice(0, 200),
    priority: '',
    installedSize: installed === null ? null : Math.ceil(installed / 1024),
    size,
    sha256,
    filename,
    essential: false,
    description: (fields.get('summary') ?? '').trim().slice(0, 1_000),
    ...relations,
  };
}

/** `openssl-3.0.7-25.el9.src.rpm` names the source package openssl. */
export function sourceOf(
  sourceRpm: string,
  name: string,
  version: string,
): { readonly source: string; readonly sourceVersion: string } {
  const match = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(sourceRpm.trim());
  return { source: match?.[1] ?? name, sourceVersion: match?.[2] ?? version };
}
