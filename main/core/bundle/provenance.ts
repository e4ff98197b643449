import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';

/** Where a bundle comes from, as its builder says under the signature of the bundle. */

const provenanceSchema = z.strictObject({
  format: z.literal('sallyport-provenance/1'),
  /** Name that was given when it was built. */
  builtBy: z.string().min(1).max(200).nullable(),
  /** Version of the Sallyport that built it. */
  sallyport: z.string().max(64).nullable(),
  sources: z
    .array(
      z.strictObject({
        /** Vendor's repository or feed: `debian-security bookworm-security`. */
        name: z.string().max(400),
        /** Date that the vendor gives it. */
        date: z.string().max(64),
        /** Fingerprints of the vendor's keys that had signed it when it was collected. */
        signedBy: z.array(z.string().max(200)).max(100),
      }),
    )
    .max(4_096),
});

export type Provenance = Readonly<Omit<z.infer<typeof provenanceSchema>, 'format'>>;

/** @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseProvenance(json: string, file: string): Provenance {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema refuses null with the same code.
  }
  const parsed = provenanceSchema.safeParse(value);
  if (!parsed.success) {
    throw new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file} is malformed.`, { subject: { file } });
  }
  const { builtBy, sallyport, sources } = parsed.data;
  return { builtBy, sallyport, sources };
}

export function formatProvenance(provenance: Provenance): string {
  return `${JSON.stringify({ format: 'sallyport-provenance/1', ...provenance }, null, 1)}\n`;
}
