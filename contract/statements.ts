import { z } from 'zod';
import { PolicyTerms } from './policies.ts';
import { Instant, Sha256 } from './vocabulary.ts';

/** What a customer signs beside decisions, on their own desk: policies, delegations, emergency requests. */

const path = z.string().min(1).max(4_096);
const passphrase = z.string().min(1).max(1_000);
const siteId = z.string().trim().min(1).max(64);
const customer = z.string().trim().min(1).max(120);
const group = z.string().trim().min(1).max(80);
const reason = z.string().trim().min(3).max(2_000);

/** A policy as it was met: in force in a pack, or signed here. */
const KnownPolicy = z.strictObject({ version: z.number(), terms: PolicyTerms });

/** A site that packs were opened from and whose key a person compared. */
export const DeskSite = z.strictObject({
  siteId: z.string(),
  siteName: z.string(),
  marking: z.string(),
  /** '': its packs name none. */
  customer: z.string(),
  groups: z.array(
    z.strictObject({
      name: z.string(),
      /** In force when the newest pack with this group was made; `null`: none was. */
      inForce: KnownPolicy.nullable(),
      /** When that pack was made. */
      asOf: Instant,
      /** The last one that was signed here, whether or not the site has taken it in; `null`: none. */
      signedHere: KnownPolicy.nullable(),
    }),
  ),
});
export type DeskSite = z.infer<typeof DeskSite>;

const signed = {
  /** Of the payload: the name by which the site speaks of it as well. */
  sha256: Sha256,
  siteId: z.string(),
  /** As its packs call it; '': no pack of it was open. */
  siteName: z.string(),
  signedAt: Instant,
  signedBy: z.string(),
  /** Fingerprint of the key that signed. */
  key: Sha256,
  /** Where it was written, oldest first. */
  files: z.array(z.strictObject({ file: z.string(), at: Instant })),
};

const EmergencyName = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('package'),
    value: z.string().trim().min(1).max(256),
    /** Of the binary package; `null`: any. */
    version: z.string().trim().min(1).max(256).nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('kb'),
    value: z
      .string()
      .trim()
      .regex(/^KB\d{4,9}$/),
  }),
  z.strictObject({
    kind: z.literal('cve'),
    value: z
      .string()
      .trim()
      .regex(/^CVE-\d{4}-\d{4,10}$/),
  }),
]);

export const DeskStatement = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('policy'),
    ...{ group: z.string(), customer: z.string(), version: z.number(), terms: PolicyTerms },
    ...signed,
  }),
  z.strictObject({
    kind: z.literal('delegation'),
    /** Fingerprint of the key that decides meanwhile. */
    to: Sha256,
    /** The name that came with that key; '': none did. */
    toName: z.string(),
    ...{ from: Instant, until: Instant, reason: z.string() },
    ...signed,
  }),
  z.strictObject({
    kind: z.literal('emergency'),
    ...{ customer: z.string(), groups: z.array(z.string()), names: z.array(EmergencyName) },
    ...{ pullsIn: z.boolean(), reason: z.string(), until: Instant },
    ...signed,
  }),
]);
export type DeskStatement = z.infer<typeof DeskStatement>;

/** `file`: a new file on the medium; nothing is overwritten. */
const signing = { siteId, file: path, passphrase };

export const SignPolicy = z.strictObject({
  ...signing,
  ...{ customer, group, terms: PolicyTerms },
  /** `null`: the one after the highest that is known here. */
  version: z.number().int().min(1).max(1_000_000).nullable().default(null),
});
export const SignDelegation = z.strictObject({
  ...signing,
  /** The other approver's enrolment text, 64 digits, or a line of a `.pub` file. */
  to: z.string().trim().min(1).max(2_000),
  /** `null`: from now on. */
  from: Instant.nullable().default(null),
  ...{ until: Instant, reason },
});
export const SignEmergency = z.strictObject({
  ...signing,
  ...{ customer, groups: z.array(group).min(1).max(1_000), names: z.array(EmergencyName).min(1).max(1_000) },
  ...{ pullsIn: z.boolean(), until: Instant, reason },
});
export const WriteStatement = z.strictObject({ sha256: Sha256, file: path });

/** Of a key that somebody else gave: for a person to see whose it is. */
export const OtherKey = z.strictObject({
  /** '': none came with it. */
  name: z.string(),
  publicKey: Sha256,
  fingerprint: Sha256,
  words: z.array(z.string()),
});
export type OtherKey = z.infer<typeof OtherKey>;
