import { ReviewError } from '../../contract/errors.ts';
import type { GroupPolicy } from '../core/review/policy.ts';
import { headOfPack, type DeskPackHead } from './desk-pack-files.ts';
import type { Services } from './services.ts';

/** Sites as the customer's desk knows them: from packs that were opened. Only what a compared key signed is believed. */

interface KnownGroup {
  readonly name: string;
  readonly inForce: GroupPolicy | null;
  readonly asOf: string;
  readonly signedHere: GroupPolicy | null;
}

interface KnownSite {
  readonly siteId: string;
  readonly siteName: string;
  readonly marking: string;
  readonly customer: string;
  readonly groups: readonly KnownGroup[];
}

/** Packs by a key that a person compared, the newest first. */
function trustedPacks(services: Services): DeskPackHead[] {
  const { desk } = services;
  return desk
    .listPacks()
    .map((entry) => headOfPack(services, entry))
    .filter(({ siteId, siteFingerprint }) => desk.siteKeyOf(siteId) === siteFingerprint)
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
}

/** @param signed policies that were signed here, newest first */
export function deskSites(services: Services, signed: readonly GroupPolicy[]): KnownSite[] {
  const packs = trustedPacks(services);
  return [...new Set(packs.map(({ siteId }) => siteId))].flatMap((siteId) => {
    const own = packs.filter((pack) => pack.siteId === siteId);
    const [newest] = own;
    if (newest === undefined) return [];
    const groups = new Map<string, KnownGroup>();
    for (const pack of own) {
      for (const { name, policy } of pack.groups) {
        if (groups.has(name)) continue;
        const here = signed.filter((item) => item.siteId === siteId && item.group === name);
        const signedHere = here.toSorted((a, b) => b.version - a.version)[0] ?? null;
        groups.set(name, { name, inForce: policy, asOf: pack.createdAt, signedHere });
      }
    }
    const customer = own.find((pack) => pack.customer !== '')?.customer ?? '';
    return [
      {
        ...{ siteId, siteName: newest.siteName, marking: newest.marking, customer },
        groups: [...groups.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
      },
    ];
  });
}

/**
 * A site may be signed for before any pack of it was opened: what is signed names it, and counts nowhere else. Once packs were opened, its
 * key has to be compared first: else who forged the pack chose the words of the form.
 *
 * @returns its name; '' where no pack says it
 * @throws ReviewError REVIEW_SITE_KEY_UNTRUSTED
 */
export function requireComparedSite(services: Services, siteId: string): string {
  const found = trustedPacks(services).find((pack) => pack.siteId === siteId);
  if (found !== undefined) return found.siteName;
  if (services.desk.listPacks().some((row) => row.siteId === siteId)) {
    throw new ReviewError('REVIEW_SITE_KEY_UNTRUSTED', 'Nobody has compared the key of this site yet.', {
      hint: 'Open its pack, compare the 24 words with what the site told you by letter or telephone, then sign.',
      subject: { site: siteId },
    });
  }
  return '';
}
