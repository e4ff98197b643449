import type { Advisory, Severity } from '../advisory.ts';
import { formatRpmVersion } from '../version/rpm.ts';
import { readDate, RpmXmlDocument } from './xml-document.ts';

/** Where statements are read, and for whom. */
export interface UpdateinfoPlace {
  readonly distribution: string;
  readonly codename: string;
  /** Logical path and hash of the document. */
  readonly document: string;
  readonly sha256: string;
}

const MAX_BODY = 4_000;
const MAX_PACKAGES = 20_000;
const MAX_CVES = 5_000;

/** Words of Red Hat and its kin, of SUSE, of Fedora. What is none of them is not guessed. */
const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  urgent: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
};

const TYPES: Readonly<Record<string, Advisory['type']>> = {
  security: 'security',
  bugfix: 'bugfix',
  recommended: 'bugfix',
  enhancement: 'enhancement',
  newpackage: 'enhancement',
  optional: 'enhancement',
  feature: 'enhancement',
};

interface Draft {
  readonly status: string;
  readonly type: string;
  readonly fields: Map<string, string>;
  readonly cves: Set<string>;
  /** By name, version and module stream: architectures of one build are one statement. */
  readonly packages: Map<string, { name: string; version: string; module: string | null }>;
  issued: string | null;
  updated: string | null;
  module: string | null;
  reboot: boolean;
}

/**
 * Reads `updateinfo.xml`, piece by piece: what the vendor says about new packages. An update that speaks of several
 * packages becomes one statement for each name and version. Updates that the vendor took back (`retracted`) are left
 * out and counted: they fix nothing that anybody shall install.
 *
 * Written after the documents of AlmaLinux, Rocky, Fedora and SUSE.
 */
export class UpdateinfoReader {
  readonly #document: RpmXmlDocument;
  readonly #place: UpdateinfoPlace;
  readonly #parents: string[] = [];
  #advisories: Advisory[] = [];
  #draft: Draft | null = null;
  #retracted = 0;

  constructor(place: UpdateinfoPlace) {
    this.#place = place;
    this.#document = new RpmXmlDocument(place.document, {
      open: (name, attributes) => {
        this.#parents.push(name);
        if (name === 'update') this.#draft = newDraft(attributes);
        else if (this.#draft !== null) open(this.#draft, name, attributes);
      },
      close: (name, text) => {
        this.#parents.pop();
        const draft = this.#draft;
        if (draft === null) return;
        if (name === 'update') {
          this.#finish(draft);
          this.#draft = null;
        } else if (name === 'collection') draft.module = null;
        else if (name === 'reboot_suggested') draft.reboot ||= text.trim().toLowerCase() !== 'false';
        // Only what stands directly in the update: a collection has a name of its own.
        else if (this.#parents.at(-1) === 'update') draft.fields.set(name, text);
      },
    });
  }

  /** Updates that were taken back, so far. */
  get retracted(): number {
    return this.#retracted;
  }

  /** @returns statements completed by this piece; BundleError BUNDLE_CONTENT_UNREADABLE is thrown */
  write(text: string): readonly Advisory[] {
    this.#document.write(text);
    const advisories = this.#advisories;
    this.#advisories = [];
    return advisories;
  }

  /** @throws BundleError BUNDLE_CONTENT_UNREADABLE when the document is not whole */
  end(): void {
    this.#document.end();
  }

  #finish(draft: Draft): void {
    const { fields } = draft;
    const id = (fields.get('id') ?? '').trim();
    if (id === '') return;
    if (draft.status === 'retracted') {
      this.#retracted += 1;
      return;
    }
    const title = (fields.get('title') ?? fields.get('summary') ?? id).trim();
    const body = (fields.get('description') ?? fields.get('summary') ?? '').trim().slice(0, MAX_BODY);
    const cves = [...draft.cves].sort();
    for (const item of draft.packages.values()) {
      this.#advisories.push({
        id: `updateinfo:${id}/${item.name}/${item.version}${item.module === null ? '' : `/${item.module}`}`.slice(
          0,
          512,
        ),
        advisory: id.slice(0, 128),
        type: TYPES[draft.type] ?? 'not stated',
        ecosystem: 'rpm',
        distribution: this.#place.distribution,
        codename: this.#place.codename,
        source: item.name,
        of: 'binary',
        fixedVersion: item.version,
        urgency: null,
        severity: SEVERITIES[(fields.get('severity') ?? '').trim().toLowerCase()] ?? 'not stated',
        cves,
        title: title.slice(0, 500),
        body,
        publishedAt: draft.issued ?? draft.updated,
        ...(item.module === null ? {} : { module: item.module }),
        ...(draft.reboot ? { rebootSuggested: true } : {}),
        provenance: { kind: 'updateinfo', document: this.#place.document, sha256: this.#place.sha256 },
      });
    }
  }
}

const newDraft = (attributes: Readonly<Record<string, string>>): Draft => ({
  status: (attributes['status'] ?? '').toLowerCase(),
  type: (attributes['type'] ?? '').toLowerCase(),
  fields: new Map(),
  cves: new Set(),
  packages: new Map(),
  issued: null,
  updated: null,
  module: null,
  reboot: false,
});

function open(draft: Draft, name: string, attributes: Readonly<Record<string, string>>): void {
  switch (name) {
    case 'issued':
      draft.issued = readDate(attributes['date']);
      break;
    case 'updated':
      draft.updated = readDate(attributes['date']);
      break;
    case 'reference': {
      const id = attributes['id'] ?? '';
      if (/^CVE-\d{4}-\d{4,}$/.test(id) && draft.cves.size < MAX_CVES) draft.cves.add(id);
      break;
    }
    case 'module':
      draft.module = `${attributes['name'] ?? ''}:${attributes['stream'] ?? ''}`.slice(0, 256);
      break;
    case 'package': {
      const { name: packageName = '', version = '', release = '', epoch, arch } = attributes;
      if (packageName === '' || version === '' || release === '' || arch === 'src') break;
      const evr = formatRpmVersion(epoch ?? null, version, release);
      const key = `${packageName} ${evr} ${draft.module ?? ''}`;
      if (packageName.length > 256 || evr.length > 256) break;
      if (draft.packages.size < MAX_PACKAGES)
        draft.packages.set(key, { name: packageName, version: evr, module: draft.module });
      break;
    }
    default:
  }
}
