import type { Failure } from '../../../contract/errors.ts';
import type { Operation } from '../../../contract/site.ts';
import type { Inspection } from '../../stores/catalogue-store.ts';
import { listStep, type ListedStep, type StepState, type StepWords } from '../../components/step-list.tsx';
import { countOf, formatBytes } from '../../format/figures.ts';

/** The links of the chain of trust, in the order in which they are checked. */
const LINKS: readonly (StepWords & { readonly id: string })[] = [
  { id: 'medium', title: 'Medium', about: 'Where the bundle lies' },
  { id: 'keys', title: 'Keys', about: 'The root that this site pinned vouches for all others' },
  { id: 'metadata', title: 'Metadata', about: 'Signed, newer than the last, of one piece' },
  { id: 'hashes', title: 'Hashes', about: 'Every file, while it is copied' },
  { id: 'malware', title: 'Malware', about: 'Each file is looked into' },
  {
    id: 'vendor',
    title: 'Vendor',
    about: 'Release files and indexes, by the vendor’s own signature',
    counts: ['index', 'indexes'],
  },
  { id: 'switch', title: 'Switch', about: 'The catalogue changes at once, or not at all' },
];

export interface ImportReading {
  readonly folder: string;
  readonly inspecting: boolean;
  /** How long looking at the signed metadata took, ms. */
  readonly inspectedIn: number | null;
  readonly inspection: Inspection | null;
  readonly inspectFailure: Failure | null;
  readonly operation: Operation | undefined;
}

/** The link at which a medium was refused before its content was touched. */
export function linkOfRefusal(code: string): string {
  if (/^BUNDLE_(NOT_FOUND|UNREADABLE)$/.test(code) || !code.startsWith('BUNDLE_')) return 'medium';
  return /ROOT|SIGNATURE_UNTRUSTED|THRESHOLD/.test(code) ? 'keys' : 'metadata';
}

export function listLinks(reading: ImportReading, now: number): ListedStep[] {
  const { operation, inspection } = reading;
  const refusedAt = reading.inspectFailure === null ? null : linkOfRefusal(reading.inspectFailure.code);
  const refusedIndex = LINKS.findIndex(({ id }) => id === refusedAt);
  return LINKS.map((link, index): ListedStep => {
    const step = operation?.steps.find(({ id }) => id === link.id);
    if (step !== undefined) return listStep(step, link, now);
    const plain = (state: StepState, detail = link.about, took: number | null = null): ListedStep => ({
      id: link.id,
      title: link.title,
      state,
      detail,
      took,
    });
    if (refusedAt !== null) {
      return plain(index < refusedIndex ? 'done' : index === refusedIndex ? 'failed' : 'waiting');
    }
    if (link.id === 'medium' && (inspection !== null || operation !== undefined)) {
      return plain('done', inspection === null ? link.about : describeMedium(inspection));
    }
    if (reading.inspecting && (link.id === 'keys' || link.id === 'metadata')) return plain('running');
    if (inspection?.trusted === true && link.id === 'keys') return plain('done', 'The pinned root holds');
    if (inspection?.trusted === true && link.id === 'metadata') {
      return plain('done', describeSigned(inspection), reading.inspectedIn);
    }
    return plain('waiting');
  });
}

function describeMedium({ volume, volumes, bundle }: Inspection): string {
  return volumes > 1 ? `Medium ${volume} of ${volumes}` : `${formatBytes(bundle.bytes)}, one medium`;
}

function describeSigned({ bundle }: Inspection): string {
  return `${countOf(bundle.signatures.length, 'signature')}, ${countOf(bundle.objects, 'object')} named`;
}
