import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { nodeCrypto } from '../../main/bundle/node-crypto.ts';
import { blobPath } from '../../main/bundle/read-metadata.ts';
import { signRole } from '../../main/core/bundle/compose.ts';
import { KEY } from '../support/bundle-builder.ts';
import { mutate, mutateJson, SPITEFUL, type Dice } from './mutate.ts';

/**
 * Bundles that are wrong in what is signed, and honestly signed: so that what lies behind signature and hash is reached. The
 * files of one medium, by path; nothing here is changed in place.
 */
export type MediumFiles = ReadonlyMap<string, Uint8Array>;

type Json = Record<string, unknown>;
interface Line {
  sha256: string;
  size: number;
  kind: string;
  path: string;
}

const MANIFEST = 'bundles/main/1/manifest.tsv';
const ROLES = ['targets', 'snapshot', 'timestamp'] as const;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const signedOf = (files: MediumFiles, name: string): Json =>
  (JSON.parse(textOf(files.get(`metadata/${name}.json`))) as { signed: Json }).signed;

/** Signs what `from` and all that hang on it say, each naming the one before it as it is now. */
function signFrom(files: Map<string, Uint8Array>, from: (typeof ROLES)[number], first: Json): void {
  let signed = first;
  for (const [index, role] of ROLES.slice(ROLES.indexOf(from)).entries()) {
    const below = ROLES[ROLES.indexOf(role) - 1];
    if (index > 0 && below !== undefined) {
      signed = signedOf(files, role);
      const bytes = files.get(`metadata/${below}.json`) ?? new Uint8Array();
      const meta = signed['meta'] as Record<string, Json>;
      meta[`${below}.json`] = {
        ...meta[`${below}.json`],
        length: bytes.length,
        hashes: { sha256: sha256(bytes) },
      };
    }
    files.set(`metadata/${role}.json`, signRole(signed, [KEY], nodeCrypto));
  }
}

function withManifest(before: MediumFiles, manifest: Uint8Array): Map<string, Uint8Array> {
  const files = new Map(before).set(MANIFEST, manifest);
  const targets = signedOf(files, 'targets');
  const named = targets['targets'] as Record<string, Json>;
  named[MANIFEST] = { ...named[MANIFEST], length: manifest.length, hashes: { sha256: sha256(manifest) } };
  signFrom(files, 'targets', targets);
  // VOLUME.json is not signed, and names the manifest.
  const volume = files.get('VOLUME.json');
  if (volume !== undefined) {
    const text = textOf(volume).replace(/"set": "[0-9a-f]{64}"/, `"set": "${sha256(manifest)}"`);
    files.set('VOLUME.json', bytesOf(text));
  }
  return files;
}

const isHeader = (line: string): boolean => line.startsWith('#');
const isObject = (line: string): boolean => /^[0-9a-f]{64} /.test(line);

function objectsOf(files: MediumFiles): Line[] {
  return textOf(files.get(MANIFEST))
    .split('\n')
    .filter(isObject)
    .map((line) => {
      const [hash = '', size = '', kind = '', path = ''] = line.split(' ');
      return { sha256: hash, size: Number(size), kind, path };
    });
}

/** The manifest with these objects, in order, counted and summed up: nothing but their content is wrong. */
function withObjects(files: MediumFiles, objects: readonly Line[]): Map<string, Uint8Array> {
  const lines = textOf(files.get(MANIFEST)).split('\n');
  const bytes = [...new Map(objects.map((item) => [item.sha256, item.size])).values()].reduce(
    (a, b) => a + b,
    0,
  );
  const text = [
    ...lines.filter(isHeader).map((line) => {
      if (line.startsWith('#total-objects ')) return `#total-objects ${objects.length}`;
      return line.startsWith('#total-bytes ') ? `#total-bytes ${bytes}` : line;
    }),
    ...objects
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map((item) => `${item.sha256} ${item.size} ${item.kind} ${item.path}`),
    ...lines.filter((line) => line.startsWith('@')),
    '',
  ].join('\n');
  return withManifest(files, bytesOf(text));
}

/** Puts other bytes in the place of an object, and its new hash and size wherever another object names it. */
function replaceObject(before: MediumFiles, path: string, bytes: Uint8Array): Map<string, Uint8Array> {
  const objects = objectsOf(before);
  const old = objects.find((item) => item.path === path);
  if (old === undefined) return new Map(before);
  const files = new Map(before);
  files.delete(blobPath(old.sha256));
  const hash = sha256(bytes);
  files.set(blobPath(hash), bytes);
  const changed = withObjects(
    files,
    objects.map((item) => (item.path === path ? { ...item, sha256: hash, size: bytes.length } : item)),
  );
  const namer = objects.find(
    (item) => item.path !== path && textOf(before.get(blobPath(item.sha256))).includes(old.sha256),
  );
  if (namer === undefined || hash === old.sha256) return changed;
  const text = textOf(before.get(blobPath(namer.sha256)))
    .replaceAll(`${old.sha256} ${old.size} `, `${hash} ${bytes.length} `)
    .replaceAll(old.sha256, hash);
  return replaceObject(changed, namer.path, bytesOf(text));
}

/** Other text in the index: the release file names what it unpacks to, too. */
function replaceIndex(
  files: MediumFiles,
  path: string,
  change: (text: Uint8Array) => Uint8Array,
): MediumFiles {
  const objects = objectsOf(files);
  const [index, release] = [
    objects.find((item) => item.path === path),
    objects.find((item) => item.kind === 'release'),
  ];
  const packed = files.get(blobPath(index?.sha256 ?? ''));
  const signed = files.get(blobPath(release?.sha256 ?? ''));
  if (packed === undefined || signed === undefined || release === undefined) return files;
  const before = gunzipSync(packed);
  const after = change(before);
  const text = textOf(signed).replace(
    `${sha256(before)} ${before.length} `,
    `${sha256(after)} ${after.length} `,
  );
  return replaceObject(
    replaceObject(files, release.path, bytesOf(text)),
    path,
    gzipSync(after, { level: 1 }),
  );
}

function mutateLine(line: Line, dice: Dice): Line[] {
  const spiteful = dice.pick(SPITEFUL);
  switch (dice.below(7)) {
    case 0:
      return [];
    case 1:
      return [line, { ...line, path: `${line.path}${dice.below(10)}` }];
    case 2:
      return [
        { ...line, path: `${line.path.slice(0, dice.below(line.path.length))}${spiteful}${line.path}` },
      ];
    case 3:
      return [{ ...line, size: line.size + dice.below(3) - 1 }];
    case 4:
      return [
        {
          ...line,
          kind: dice.pick([
            'package',
            'index',
            'release',
            'repositories',
            'advisories',
            'report',
            'risk',
            'provenance',
          ]),
        },
      ];
    case 5:
      return [{ ...line, path: line.path.toUpperCase() }, line];
    default:
      return [{ ...line, path: '../../../../tmp/outside' }];
  }
}

type Mutation = (files: MediumFiles, dice: Dice) => MediumFiles;
const pickObject = (files: MediumFiles, dice: Dice, isFit: (line: Line) => boolean): Line | undefined => {
  const fitting = objectsOf(files).filter(isFit);
  return fitting[dice.below(fitting.length)];
};
const isOwn = ({ path }: Line): boolean => path.startsWith('sallyport/');

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  // The manifest, byte by byte.
  (files, dice) => withManifest(files, mutate(files.get(MANIFEST) ?? new Uint8Array(), dice)),
  // A line of it, with the counts right.
  (files, dice) => {
    const victim = pickObject(files, dice, () => true);
    return withObjects(
      files,
      objectsOf(files).flatMap((line) => (line.path === victim?.path ? mutateLine(line, dice) : [line])),
    );
  },
  // Our own objects, byte by byte and by their structure.
  (files, dice) => {
    const victim = pickObject(files, dice, isOwn);
    const bytes = files.get(blobPath(victim?.sha256 ?? ''));
    return bytes === undefined ? files : replaceObject(files, victim?.path ?? '', mutate(bytes, dice));
  },
  (files, dice) => {
    const victim = pickObject(files, dice, isOwn);
    const bytes = files.get(blobPath(victim?.sha256 ?? ''));
    if (bytes === undefined) return files;
    const value = mutateJson(JSON.parse(textOf(bytes)), dice);
    return replaceObject(files, victim?.path ?? '', bytesOf(JSON.stringify(value) ?? 'null'));
  },
  // The vendor's files: an index as text, an index as packed, a release file. All that names them names them as they are now.
  (files, dice) => {
    const victim = pickObject(files, dice, ({ kind }) => kind === 'index');
    return replaceIndex(files, victim?.path ?? '', (text) => mutate(text, dice));
  },
  (files, dice) => {
    const victim = pickObject(files, dice, ({ kind }) => kind === 'index' || kind === 'release');
    const bytes = files.get(blobPath(victim?.sha256 ?? ''));
    return bytes === undefined ? files : replaceObject(files, victim?.path ?? '', mutate(bytes, dice));
  },
  // What a role says.
  (files, dice) => {
    const role = dice.pick(ROLES);
    const changed = new Map(files);
    const signed = mutateJson(signedOf(files, role), dice);
    try {
      signFrom(changed, role, signed as Json);
    } catch {
      // Not JSON that can be signed: then it stands there unsigned.
      changed.set(`metadata/${role}.json`, bytesOf(JSON.stringify({ signatures: [], signed }) ?? ''));
    }
    return changed;
  },
  // A next root, signed by the keyholder of the last.
  (files, dice) => {
    const root = mutateJson({ ...signedOf(files, '1.root'), version: 2 }, dice);
    const bytes = ((): Uint8Array => {
      try {
        return signRole(root as Json, [KEY], nodeCrypto);
      } catch {
        return bytesOf(JSON.stringify({ signatures: [], signed: root }) ?? '');
      }
    })();
    return new Map(files).set('metadata/2.root.json', bytes);
  },
  // What is not signed of a medium of several: which it says it is, and its pieces.
  (files, dice) => {
    const names = [...files.keys()].filter((name) => name === 'VOLUME.json' || /\.p\d{3}$/.test(name));
    const victim = names[dice.below(names.length)];
    if (victim === undefined) return files;
    const bytes = files.get(victim) ?? new Uint8Array();
    if (victim !== 'VOLUME.json') return new Map(files).set(victim, mutate(bytes, dice));
    const value = mutateJson(JSON.parse(textOf(bytes)), dice);
    return new Map(files).set(victim, bytesOf(JSON.stringify(value) ?? 'null'));
  },
];

/** A medium with something wrong in it that its builder signed. */
export const mutateSigned: Mutation = (files, dice) => dice.pick(MUTATIONS)(files, dice);
