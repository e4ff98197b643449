import type { Plan } from '../core/plan.ts';
import { comesAlong } from '../core/review/pulled-in.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { presentBundle } from './present-bundles.ts';
import { readFeedAges } from './read-clocks.ts';
import type { Services } from './services.ts';

/** Bundles that a pack speaks of: older ones are in the site's own catalogue. */
const NEWEST_BUNDLES = 5;
/** Packages that come along by name; the rest is counted. */
const NAMED = 40;

/** Where what a pack says comes from: bundles and how they were checked, the lists that risk is judged by, the scans. */
export function packEvidence(services: Services, plan: Plan): ReviewPack['evidence'] {
  const bundles = services.catalogue
    .listBundles()
    .slice(0, NEWEST_BUNDLES)
    .map((row) => {
      const { stream, seq, createdAt, importedAt, importedBy, manifestSha256, custody } = presentBundle(row);
      const malware =
        custody.malware?.status === 'clean'
          ? `scanned for malware by ${custody.malware.engine ?? 'an engine that is not named'}, nothing found`
          : 'not scanned for malware';
      return {
        label: `Bundle ${stream}/${seq}`,
        text:
          `Built ${createdAt}${custody.builtBy === null ? '' : ` by ${custody.builtBy}`}, imported ${importedAt} by ${importedBy}; ` +
          `manifest SHA-256 ${manifestSha256}; ${malware}; ${custody.vendorSignatures.length} vendor signatures checked.`,
      };
    });
  const feeds = readFeedAges(services).map((feed) => ({
    label:
      feed.feed === 'cisa-kev'
        ? 'Known exploited vulnerabilities (CISA KEV)'
        : 'Exploit prediction (FIRST EPSS)',
    text:
      feed.date === null
        ? 'No bundle has brought this list.'
        : `As of ${feed.date}, ${feed.ageDays ?? 'an unknown number of'} days old.`,
  }));
  const scanned = services.fleet.facts();
  const inventories = new Map(services.endpoints.list().map((row) => [row.id, row.inventoryId]));
  const times = plan.endpoints
    .flatMap(({ endpointId }) => {
      const inventoryId = inventories.get(endpointId);
      return inventoryId === null || inventoryId === undefined
        ? []
        : (scanned.get(inventoryId)?.takenAt ?? []);
    })
    .toSorted();
  const [oldest] = times;
  const scans =
    oldest === undefined
      ? []
      : [
          {
            label: 'Scans',
            text: `${times.length} endpoints were read between ${oldest} and ${times.at(-1) ?? oldest}.`,
          },
        ];
  return [alongOf(plan), ...bundles, ...feeds, ...scans];
}

/** What nobody asked for: every row that another pulls in, and which of them an endpoint does not have yet. */
function alongOf(plan: Plan): ReviewPack['evidence'][number] {
  const along = comesAlong(plan);
  const names = along
    .slice(0, NAMED)
    .map((item) => (item.newOn === 0 ? item.package : `${item.package} (new on ${item.newOn})`));
  const rest = along.length - names.length;
  const text =
    along.length === 0
      ? 'Nothing: every package of the plan was asked for.'
      : `Nobody asked for ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}; what was asked for needs them.`;
  return { label: 'Comes along', text };
}
