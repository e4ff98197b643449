import { BundleError } from '../../contract/errors.ts';
import type { Manifest } from '../core/bundle/manifest.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';

export const refuse = (code: BundleError['code'], file: string, why: string, hint: string): BundleError =>
  new BundleError(code, `${file}: ${why}.`, { hint, subject: { file } });

/** Size of a vendor file, which is in this bundle or was in an earlier one. @throws BundleError */
export function sizeOf(
  manifest: Manifest,
  kind: 'release' | 'index',
  reference: { readonly path: string; readonly sha256: string },
  { catalogue, content }: { readonly catalogue: ImportCatalogue; readonly content: ImportContent },
): number {
  const object = manifest.objects.find((item) => item.path === reference.path);
  if (object !== undefined) {
    if (object.sha256 === reference.sha256 && object.class === kind) return object.size;
    throw refuse(
      'BUNDLE_MIX_AND_MATCH',
      reference.path,
      'the manifest and the list of repositories name two different files',
      'The bundle was built wrongly.',
    );
  }
  const size = catalogue.sizeOfHeld(reference.sha256);
  if (size === null || !content.has(reference.sha256, size)) {
    throw refuse(
      'BUNDLE_FILE_MISSING',
      reference.path,
      'it is neither in the bundle nor in the content store',
      'Ask for a bundle that stands alone.',
    );
  }
  return size;
}
