import { z } from 'zod';
import { canonicalJson } from '../plan.ts';
import { parsePayload } from './payload.ts';

/** What a customer wants at once, out of cycle; the payload of a signed envelope. It is the approval for exactly what it names. */
export const EMERGENCY_TYPE = 'application/vnd.sallyport.emergency+json';

const nameSchema = z.discriminatedUnion('kind', [
  /** A binary or source package; `version` of the binary package, `null`: any. */
  z.strictObject({
    kind: z.literal('package'),
    value: z.string().min(1).max(256),
    version: z.string().max(256).nullable(),
  }),
  z.strictObject({ kind: z.literal('kb'), value: z.string().regex(/^KB\d{4,9}$/) }),
  z.strictObject({ kind: z.literal('cve'), value: z.string().regex(/^CVE-\d{4}-\d{4,10}$/) }),
]);

const emergencySchema = z.strictObject({
  format: z.literal('sallyport-emergency/1'),
  siteId: z.string().min(1).max(64),
  customer: z.string().min(1).max(120),
  groups: z.array(z.string().min(1).max(80)).min(1).max(1_000),
  names: z.array(nameSchema).min(1).max(1_000),
  /** Whether packages may come that only others of the transaction pull in. */
  pullsIn: z.boolean(),
  reason: z.string().min(3).max(2_000),
  /** Its clock begins here, and at the vendor's release. */
  requestedAt: z.iso.datetime(),
  until: z.iso.datetime(),
  signedBy: z.string().max(256),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type EmergencyRequest = DeepReadonly<z.infer<typeof emergencySchema>>;

/** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
export function parseEmergency(json: string, file: string): EmergencyRequest {
  return parsePayload(emergencySchema, 'sallyport-emergency', json, file);
}

export function formatEmergency(request: EmergencyRequest): string {
  return canonicalJson(request);
}

export interface NamedPatch {
  readonly package: string;
  readonly version: string;
  readonly source: string;
  readonly advisories: readonly string[];
  readonly cves: readonly string[];
}

export function isNamed(request: EmergencyRequest, patch: NamedPatch): boolean {
  return request.names.some((name) => {
    if (name.kind === 'cve') return patch.cves.includes(name.value);
    if (name.kind === 'kb') return patch.advisories.includes(name.value) || patch.package === name.value;
    return (
      (name.value === patch.package || name.value === patch.source) &&
      (name.version === null || name.version === patch.version)
    );
  });
}
