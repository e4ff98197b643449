import type { z } from 'zod';
import type { CustodyView } from '../../contract/custody.ts';
import type { BundleView } from '../../contract/catalogue.ts';
import type { BundleSummary } from '../catalogue/catalogue-store.ts';

type Custody = z.infer<typeof CustodyView>;

/** Of a bundle that was not imported: nobody has looked into it yet. */
export const NO_CUSTODY: Custody = {
  builtBy: null,
  builtWith: null,
  sources: [],
  media: [],
  malware: null,
  vendorSignatures: [],
};

export function presentBundle(bundle: BundleSummary): BundleView {
  return {
    id: bundle.id,
    stream: bundle.stream,
    seq: bundle.seq,
    createdAt: bundle.createdAt,
    importedAt: bundle.importedAt,
    importedBy: bundle.importedBy,
    objects: bundle.objects,
    bytes: bundle.bytes,
    manifestSha256: bundle.manifestSha256,
    signatures: bundle.signatures.map((signature) => ({ ...signature })),
    repositories: bundle.repositories.map((repository) => ({ ...repository })),
    missing: [...bundle.missing],
    custody: presentCustody(bundle),
  };
}

function presentCustody({ provenance, arrivals, malware, vendorChecks }: BundleSummary): Custody {
  return {
    builtBy: provenance?.builtBy ?? null,
    builtWith: provenance?.sallyport ?? null,
    sources: (provenance?.sources ?? []).map((source) => ({ ...source, signedBy: [...source.signedBy] })),
    media: arrivals.map(({ medium, ...arrival }) => ({ ...arrival, ...medium })),
    malware: malware === null ? null : { ...malware },
    vendorSignatures: vendorChecks.map((check) => ({ ...check, keys: [...check.keys] })),
  };
}
