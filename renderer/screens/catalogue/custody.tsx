import type { BundleView } from '../../../contract/catalogue.ts';
import { Facts } from '../../components/facts.tsx';
import { formatInstant } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';

/** Who built it, who brought it on what, and what was looked for in it. */
export function CustodySection(props: { readonly custody: BundleView['custody'] }) {
  const { builtBy, builtWith, media, malware, vendorSignatures } = props.custody;
  const verified = vendorSignatures.filter(({ status }) => status === 'verified').length;
  const builder = builtBy ?? 'Nobody was named';
  const built = builtWith === null ? builtBy : `${builder} with ${builtWith}`;
  return (
    <section>
      <h3>Custody</h3>
      <Facts
        facts={[
          { label: 'Built by', value: built ?? 'Not stated' },
          ...media.map((arrival, index) => ({
            label:
              arrival.volumes > 1 ? `Medium ${arrival.volume} of ${arrival.volumes}` : `Medium ${index + 1}`,
            value: [
              arrival.carrier === null ? 'Nobody was named as its carrier' : `Brought by ${arrival.carrier}`,
              arrival.label ?? '',
              arrival.serial === null
                ? ''
                : `serial ${arrival.serial}${arrival.serialFrom === 'person' ? ' (typed)' : ''}`,
              formatInstant(arrival.arrivedAt),
            ]
              .filter((text) => text !== '')
              .join(', '),
          })),
          {
            label: 'Malware',
            value:
              malware === null || malware.status === 'not-scanned'
                ? `Not looked for${malware?.reason === null || malware === null ? '' : `: ${malware.reason}`}`
                : `None in ${countOf(malware.scanned, 'object')}, by ${malware.engine ?? 'the scanner'}`,
          },
          {
            label: 'Vendor’s signature',
            value:
              vendorSignatures.length === 0
                ? 'Not checked again here'
                : `${verified} of ${countOf(vendorSignatures.length, 'release file')} verified again here`,
          },
        ]}
      />
    </section>
  );
}
