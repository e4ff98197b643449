import { BundleError } from '../../../contract/errors.ts';
import { XmlFault, XmlReader, type XmlHandlers } from '../windows/xml.ts';

/**
 * A document of an RPM repository that is read piece by piece.
 *
 * @param file name for messages
 * @throws BundleError BUNDLE_CONTENT_UNREADABLE, from `write` and `end`
 */
export class RpmXmlDocument {
  readonly #reader: XmlReader;
  readonly #file: string;

  constructor(file: string, handlers: XmlHandlers) {
    this.#file = file;
    this.#reader = new XmlReader('document', handlers);
  }

  write(text: string): void {
    this.#read(() => this.#reader.write(text));
  }

  end(): void {
    this.#read(() => this.#reader.end());
  }

  #read(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof XmlFault)) throw error;
      throw unreadable(this.#file, error.message);
    }
  }
}

export const unreadable = (file: string, why: string): BundleError =>
  new BundleError('BUNDLE_CONTENT_UNREADABLE', `${file}: ${why}.`, {
    hint: 'Build the bundle again from another mirror.',
    subject: { file },
  });

/** A whole number of bytes or seconds; `null` for what is none. */
export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** ISO-8601 of what repositories write: seconds since the epoch, or `2022-06-08 00:00:00` in UTC. */
export function readDate(text: string | undefined): string | null {
  if (text === undefined) return null;
  const seconds = /^\d{9,11}(?:\.\d+)?$/.test(text) ? Number(text) : null;
  if (seconds !== null) return new Date(seconds * 1_000).toISOString();
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?(?: ?(?:UTC|Z))?$/.exec(text.trim());
  if (match === null) return null;
  const date = Date.parse(`${match[1] ?? ''}T${match[2] ?? '00:00:00'}Z`);
  return Number.isNaN(date) ? null : new Date(date).toISOString();
}
