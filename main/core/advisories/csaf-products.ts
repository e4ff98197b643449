import { z } from 'zod';
import { invalidDocument, type AdvisoryDocument } from './reading.ts';

/** A package of a distribution release, as a CSAF product tree names it. */
export interface CsafProduct {
  readonly distribution: string;
  readonly codename: string;
  readonly package: string;
  /** `1:3.0.7-28.el9_4`; without an epoch when that is 0. `null` where no version is named. */
  readonly evr: string | null;
  readonly arch: string;
}

const productSchema = z.looseObject({
  name: z.string().max(1_024),
  product_id: z.string().max(1_024),
  product_identification_helper: z
    .looseObject({ cpe: z.string().max(1_024).optional(), purl: z.string().max(2_048).optional() })
    .optional(),
});

const treeSchema = z.looseObject({
  branches: z.array(z.unknown()).max(100_000).optional(),
  full_product_names: z.array(productSchema).max(100_000).optional(),
  relationships: z
    .array(
      z.looseObject({
        full_product_name: z.looseObject({ product_id: z.string().max(1_024) }),
        product_reference: z.string().max(1_024),
        relates_to_product_reference: z.string().max(1_024),
      }),
    )
    .max(500_000)
    .optional(),
});

const branchSchema = z.looseObject({
  branches: z.array(z.unknown()).max(100_000).optional(),
  product: productSchema.optional(),
});
type Product = z.infer<typeof productSchema>;

/** Of a tree; the deepest that vendors write have five. */
const MAX_DEPTH = 30;

/**
 * Packages by product id. An id stands for a package of a release either by a relationship (package as a component of
 * product) or, with SUSE, by its own name.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readProducts(tree: unknown, document: AdvisoryDocument): ReadonlyMap<string, CsafProduct> {
  const parsed = treeSchema.safeParse(tree ?? {});
  if (!parsed.success) {
    throw invalidDocument(
      document,
      'a CSAF document',
      `product_tree.${parsed.error.issues[0]?.path.join('.') ?? ''}`,
    );
  }
  const named = new Map<string, Product>();
  const walk = (branches: readonly unknown[] | undefined, depth: number): void => {
    if (depth > MAX_DEPTH) throw invalidDocument(document, 'a CSAF document', 'product_tree, too deep');
    for (const value of branches ?? []) {
      const branch = branchSchema.safeParse(value);
      if (!branch.success) throw invalidDocument(document, 'a CSAF document', 'product_tree.branches');
      if (branch.data.product !== undefined) named.set(branch.data.product.product_id, branch.data.product);
      walk(branch.data.branches, depth + 1);
    }
  };
  walk(parsed.data.branches, 0);
  for (const product of parsed.data.full_product_names ?? []) named.set(product.product_id, product);

  const products = new Map<string, CsafProduct>();
  for (const relation of parsed.data.relationships ?? []) {
    const release = releaseOf(named.get(relation.relates_to_product_reference));
    const item = packageOf(relation.product_reference, named.get(relation.product_reference));
    if (release !== null && item !== null)
      products.set(relation.full_product_name.product_id, { ...release, ...item });
  }
  return products;
}

/**
 * By the CPE: `cpe:/o:redhat:enterprise_linux:9::baseos`, `cpe:/o:suse:sles:15:sp6`. What Red Hat builds for a release
 * beside it, such as Satellite, names that release at the end: `cpe:/a:redhat:satellite:6.16::el9`.
 */
function releaseOf(
  product: Product | undefined,
): { readonly distribution: string; readonly codename: string } | null {
  const cpe = product?.product_identification_helper?.cpe ?? '';
  const [prefix, vendor, name, version = '', update = '', edition = ''] = cpe.split(':').slice(1);
  if (prefix !== '/o' && prefix !== '/a') return null;
  const release = name === 'enterprise_linux' ? version : (/^el(\d+)$/.exec(edition)?.[1] ?? '');
  if (vendor === 'redhat' && /^\d+(?:\.\d+)?$/.test(release))
    return { distribution: 'rhel', codename: release.replace(/\..*$/, '') };
  if (vendor === 'suse' && name === 'sles' && /^\d+$/.test(version)) {
    const servicePack = /^sp(\d+)$/.exec(update)?.[1];
    return {
      distribution: 'sles',
      codename: servicePack === undefined ? version : `${version}.${servicePack}`,
    };
  }
  if (vendor === 'opensuse' && name === 'leap' && /^\d+\.\d+$/.test(version))
    return { distribution: 'opensuse-leap', codename: version };
  return null;
}

/** By the package URL where there is one, else by the name: `openssl-1:3.0.7-28.el9_4.x86_64`. */
function packageOf(
  reference: string,
  product: Product | undefined,
): Pick<CsafProduct, 'package' | 'evr' | 'arch'> | null {
  const purl = product?.product_identification_helper?.purl;
  if (purl?.startsWith('pkg:rpm/') === true) {
    const [path = '', query = ''] = purl.slice('pkg:rpm/'.length).split('?', 2);
    const [name = '', version = ''] = (path.split('/').at(-1) ?? '').split('@', 2).map(decode);
    const qualifiers = new Map(
      query.split('&').map((pair): [string, string] => {
        const [key = '', value = ''] = pair.split('=', 2);
        return [key, decode(value)];
      }),
    );
    if (name === '') return null;
    return {
      package: name,
      evr: version === '' ? null : withEpoch(qualifiers.get('epoch'), version),
      arch: qualifiers.get('arch') ?? '',
    };
  }
  const match = /^(.+)-(?:(\d+):)?([^-:]+-[^-:]+)\.([a-z0-9_]+)$/.exec(reference);
  if (match !== null)
    return { package: match[1] ?? '', evr: withEpoch(match[2], match[3] ?? ''), arch: match[4] ?? '' };
  // VEX names packages without a version where none is fixed.
  return /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(reference) ? { package: reference, evr: null, arch: '' } : null;
}

function withEpoch(epoch: string | undefined, version: string): string {
  return epoch === undefined || /^0*$/.test(epoch) ? version : `${epoch}:${version}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
