import { BundleError } from '../../../contract/errors.ts';
import { formatPieces, parsePieces, type Layout } from './layout.ts';
import { isSafePath } from './logical-path.ts';

/** What an object is. Vendor files keep their bytes; the others are ours. */
export const OBJECT_CLASSES = [
  'release',
  'index',
  'package',
  'repositories',
  'advisories',
  'risk',
  'report',
  'provenance',
  'malware-database',
  'agent',
] as const;
export type ObjectClass = (typeof OBJECT_CLASSES)[number];
const OBJECT_CLASS_OF: ReadonlyMap<string, ObjectClass> = new Map(OBJECT_CLASSES.map((name) => [name, name]));

export interface ManifestObject {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly class: ObjectClass;
  /** Where it belongs: below a vendor's mirror, or `sallyport/...` for ours. */
  readonly path: string;
}

export interface Manifest {
  readonly stream: string;
  readonly seq: number;
  /** Bundle whose objects are left out because the site has them; 0 for a bundle that stands alone. */
  readonly base: number;
  /** ISO-8601, UTC. */
  readonly createdAt: string;
  /** Date of each vendor feed in it: `debian-security/bookworm-security` to ISO-8601. */
  readonly feeds: Readonly<Record<string, string>>;
  /** Oldest Sallyport that can import it. */
  readonly minApp: string;
  /** Sorted by path. */
  readonly objects: readonly ManifestObject[];
  /** Absent in the plain form: each object is one file, all on one medium. */
  readonly layout?: Layout;
}

export const MANIFEST_LIMITS = {
  bytes: 128 * 1024 * 1024,
  objects: 500_000,
  /** Of one object: 64 GiB. */
  objectBytes: 64 * 1024 ** 3,
} as const;

/** The plain form. */
const FORMAT_LINE = '#sallyport-bundle 1';
/** With a layout: several media, or objects in parts. */
const LAYOUT_FORMAT_LINE = '#sallyport-bundle 2';
const HEADERS = [
  'stream',
  'seq',
  'base',
  'created',
  'feeds',
  'volumes',
  'total-objects',
  'total-bytes',
  'min-app',
] as const;
const LAYOUT_HEADERS = [...HEADERS, 'part-size'] as const;
const byPath = (a: ManifestObject, b: ManifestObject): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/** Bytes of the objects that the media carry; an object under several paths lies there once. */
export function totalBytes(manifest: Pick<Manifest, 'objects'>): number {
  return [...new Map(manifest.objects.map((item) => [item.sha256, item.size])).values()].reduce(
    (a, b) => a + b,
    0,
  );
}

/** The one text form: equal manifests have equal bytes. */
export function formatManifest(manifest: Manifest): string {
  const feeds = Object.entries(manifest.feeds)
    .map(([name, date]) => `${name}=${date}`)
    .sort()
    .join(' ');
  const { layout } = manifest;
  const lines = [
    layout === undefined ? FORMAT_LINE : LAYOUT_FORMAT_LINE,
    `#stream ${manifest.stream}`,
    `#seq ${manifest.seq}`,
    `#base ${manifest.base}`,
    `#created ${manifest.createdAt}`,
    `#feeds ${feeds === '' ? '-' : feeds}`,
    `#volumes ${layout?.volumes ?? 1}`,
    `#total-objects ${manifest.objects.length}`,
    `#total-bytes ${totalBytes(manifest)}`,
    `#min-app ${manifest.minApp}`,
    ...(layout === undefined ? [] : [`#part-size ${layout.partBytes}`]),
    ...manifest.objects
      .toSorted(byPath)
      .map((item) => `${item.sha256} ${item.size} ${item.class} ${item.path}`),
    ...(layout === undefined ? [] : formatPieces(layout)),
  ];
  return `${lines.join('\n')}\n`;
}

const WHOLE = /^(?:0|[1-9]\d{0,15})$/;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;
const LINE = /^([0-9a-f]{64}) (0|[1-9]\d{0,15}) ([a-z]+(?:-[a-z]+)*) (\S+)$/;

/**
 * Reads a manifest whose hash is already known to hold.
 *
 * @param file name for messages
 * @throws BundleError BUNDLE_METADATA_INVALID, BUNDLE_PATH_UNSAFE, BUNDLE_TOO_LARGE
 */
export function parseManifest(text: string, file: string): Manifest {
  const invalid = (why: string): BundleError =>
    new BundleError('BUNDLE_METADATA_INVALID', `${file}: ${why}.`, {
      subject: { file },
      hint: 'The bundle was built wrongly. Ask for a new one.',
    });
  if (!text.endsWith('\n')) throw invalid('it does not end with a line feed');
  const lines = text.slice(0, -1).split('\n');
  const hasLayout = lines[0] === LAYOUT_FORMAT_LINE;
  if (!hasLayout && lines[0] !== FORMAT_LINE) throw invalid(`it does not begin with "${FORMAT_LINE}"`);
  const headers = hasLayout ? LAYOUT_HEADERS : HEADERS;
  const header = new Map<string, string>();
  headers.forEach((name, index) => {
    const line = lines[index + 1] ?? '';
    if (!line.startsWith(`#${name} `)) throw invalid(`line ${index + 2} is not its "${name}"`);
    header.set(name, line.slice(name.length + 2));
  });
  const number = (name: (typeof LAYOUT_HEADERS)[number]): number => {
    const value = header.get(name) ?? '';
    if (!WHOLE.test(value)) throw invalid(`"${name}" is not a whole number`);
    return Number(value);
  };
  const stream = header.get('stream') ?? '';
  const createdAt = header.get('created') ?? '';
  const minApp = header.get('min-app') ?? '';
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(stream)) throw invalid('its stream is malformed');
  if (!DATE.test(createdAt)) throw invalid('its date is malformed');
  if (!/^\d{1,6}\.\d{1,6}\.\d{1,6}$/.test(minApp))
    throw invalid('its least version of Sallyport is malformed');
  if (!hasLayout && number('volumes') !== 1)
    throw invalid('it spans several media without saying which carries what');
  if (number('total-objects') > MANIFEST_LIMITS.objects) {
    throw new BundleError('BUNDLE_TOO_LARGE', `${file} lists more objects than can be imported.`, {
      subject: { file },
    });
  }

  const body = lines.slice(headers.length + 1);
  const firstPiece = hasLayout ? body.findIndex((line) => line.startsWith('@')) : -1;
  const objectLines = firstPiece === -1 ? body : body.slice(0, firstPiece);
  const { objects, bytes } = parseObjects(objectLines, file, invalid);
  const manifest: Manifest = {
    stream,
    seq: number('seq'),
    base: number('base'),
    createdAt,
    feeds: parseFeeds(header.get('feeds') ?? '', invalid),
    minApp,
    objects,
    ...(hasLayout
      ? {
          layout: parsePieces(
            body.slice(objectLines.length),
            { volumes: number('volumes'), partBytes: number('part-size') },
            objects,
            invalid,
          ),
        }
      : {}),
  };
  if (objects.length !== number('total-objects')) throw invalid('its count of objects is wrong');
  if (bytes !== number('total-bytes')) throw invalid('its sum of sizes is wrong');
  return manifest;
}

/**
 * The lines of objects, sorted by path. `bytes` is the sum of the distinct ones.
 *
 * @throws BundleError BUNDLE_METADATA_INVALID (made by `invalid`), BUNDLE_PATH_UNSAFE, BUNDLE_TOO_LARGE
 */
function parseObjects(
  lines: readonly string[],
  file: string,
  invalid: (why: string) => BundleError,
): { readonly objects: readonly ManifestObject[]; readonly bytes: number } {
  const objects: ManifestObject[] = [];
  const foldedPaths = new Set<string>();
  const known = new Map<string, ManifestObject>();
  let bytes = 0;
  let previousPath = '';
  for (const line of lines) {
    const match = LINE.exec(line);
    const kind = OBJECT_CLASS_OF.get(match?.[3] ?? '');
    if (match === null || kind === undefined) throw invalid('a line is not "sha256 size class path"');
    const object = { sha256: match[1] ?? '', size: Number(match[2]), class: kind, path: match[4] ?? '' };
    if (!isSafePath(object.path)) {
      throw new BundleError(
        'BUNDLE_PATH_UNSAFE',
        `${file} names an unsafe path: ${JSON.stringify(object.path.slice(0, 200))}.`,
        {
          subject: { file },
          hint: 'Do not use this medium.',
        },
      );
    }
    if (object.size > MANIFEST_LIMITS.objectBytes) {
      throw new BundleError('BUNDLE_TOO_LARGE', `${file}: ${object.path} is larger than any object may be.`, {
        subject: { file: object.path },
      });
    }
    if (previousPath >= object.path) throw invalid('its lines are not sorted by path');
    previousPath = object.path;
    // Media and sites may fold case: two paths that differ only by case would be one file there.
    foldedPaths.add(object.path.toLowerCase());
    objects.push(object);
    if (foldedPaths.size !== objects.length) throw invalid(`two paths differ only by case: ${object.path}`);
    const same = known.get(object.sha256);
    if (same === undefined) {
      known.set(object.sha256, object);
      bytes += object.size;
    } else if (same.size !== object.size || same.class !== object.class) {
      throw invalid('one object has two sizes or classes');
    }
  }
  return { objects, bytes };
}

function parseFeeds(value: string, invalid: (why: string) => BundleError): Record<string, string> {
  if (value === '-') return {};
  const feeds: Record<string, string> = {};
  for (const word of value.split(' ')) {
    const match = /^([A-Za-z0-9._+~/-]+)=(\S+)$/.exec(word);
    if (match === null || !DATE.test(match[2] ?? '')) throw invalid('its list of feeds is malformed');
    feeds[match[1] ?? ''] = match[2] ?? '';
  }
  return feeds;
}
