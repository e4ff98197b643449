import { invalidDocument, type AdvisoryDocument } from '../advisories/reading.ts';
import { readMsrcCvrf } from './msrc-cvrf.ts';
import { readMsrcCsaf, readMsrcSug } from './msrc-json.ts';
import type { MsrcReading } from './msrc.ts';
import { XmlFault } from './xml.ts';

const WHAT = 'a document of Microsoft’s that is known here: CVRF (XML), CSAF, or a page of the update guide';

/**
 * Reads a document of Microsoft's security response center, told by its content.
 *
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function readMsrcDocument(text: string, document: AdvisoryDocument): MsrcReading {
  if (/^\uFEFF?\s*</.test(text.slice(0, 64))) {
    if (!text.slice(0, 4_096).includes('cvrf')) throw invalidDocument(document, WHAT);
    try {
      return readMsrcCvrf(text);
    } catch (error) {
      if (error instanceof XmlFault)
        throw invalidDocument(document, `CVRF that can be read (${error.message})`);
      throw error;
    }
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw invalidDocument(document, WHAT);
  }
  if (typeof value !== 'object' || value === null) throw invalidDocument(document, WHAT);
  if ('value' in value) return readMsrcSug(value, document);
  if ('document' in value) return readMsrcCsaf(value, document);
  throw invalidDocument(document, WHAT);
}
