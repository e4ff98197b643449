import { SaxesParser } from 'saxes';

/** What is wrong with a document; whoever knows the name of its file turns it into a coded failure. */
export class XmlFault extends Error {}

export interface XmlHandlers {
  /** @param name without its namespace prefix */
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  /** @param text all character data directly in the element */
  readonly close?: (name: string, text: string) => void;
}

/** Deeper than any document of Microsoft's, and characters without a tag between them. */
const MAX_DEPTH = 64;
const MAX_SILENCE = 4 * 1024 * 1024;
const MAX_PIECE = 256 * 1024;

/**
 * Reads XML piece by piece, within bounds: no document type and so no entities but XML's own five, no deep nesting, no
 * text without end. Names come without their prefix: Microsoft's documents differ in them, not in what they call things.
 */
export class XmlReader {
  readonly #parser: SaxesParser;
  readonly #texts: string[] = [];
  #silence = 0;
  #fault: XmlFault | null = null;

  /** @param kind `fragment`: several elements side by side, as the members of a scan file are */
  constructor(kind: 'document' | 'fragment', handlers: XmlHandlers) {
    const parser = new SaxesParser({ xmlns: false, position: false, fragment: kind === 'fragment' });
    this.#parser = parser;
    parser.on('error', (error) => {
      this.#fault ??= new XmlFault(`it is no well-formed XML (${error.message.slice(0, 200)})`);
    });
    parser.on('doctype', () => {
      this.#fault ??= new XmlFault('it has a document type, which is not read');
    });
    parser.on('opentag', (tag) => {
      this.#silence = 0;
      if (this.#texts.length >= MAX_DEPTH) this.#fault ??= new XmlFault('it is nested too deeply');
      if (this.#fault !== null) return;
      this.#texts.push('');
      handlers.open?.(localName(tag.name), tag.attributes);
    });
    const addText = (text: string): void => {
      const last = this.#texts.length - 1;
      if (last >= 0) this.#texts[last] += text;
    };
    parser.on('text', addText);
    parser.on('cdata', addText);
    parser.on('closetag', (tag) => {
      this.#silence = 0;
      const text = this.#texts.pop() ?? '';
      if (this.#fault === null) handlers.close?.(localName(tag.name), text);
    });
  }

  /** @throws XmlFault; what a handler throws */
  write(text: string): void {
    for (let at = 0; at < text.length; at += MAX_PIECE) {
      const piece = text.length <= MAX_PIECE ? text : text.slice(at, at + MAX_PIECE);
      this.#silence += piece.length;
      this.#parser.write(piece);
      if (this.#silence > MAX_SILENCE) throw new XmlFault('it has a text without end');
      if (this.#fault !== null) throw this.#fault;
    }
  }

  /** @throws XmlFault when the document is not whole */
  end(): void {
    this.#parser.close();
    if (this.#fault !== null) throw this.#fault;
  }
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Keeps one copy of each text. A piece of a long text holds all of that text in memory, so what is kept of a large
 * document must be copied out of it.
 */
export class TextPool {
  readonly #known = new Map<string, string>();

  keep(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const copy = JSON.parse(JSON.stringify(text)) as string;
    this.#known.set(copy, copy);
    return copy;
  }
}
