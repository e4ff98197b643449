import type { Readable } from 'node:stream';
import { Readable as Streams } from 'node:stream';
import * as xz from 'xz-decompress';

// A CommonJS module whose exports Node cannot see by name: unbundled they hang below `default`.
const { XzReadableStream } = (xz as { readonly default?: typeof xz }).default ?? xz;

/** Decompresses XZ by WebAssembly. The buffer of a chunk is used again for the next one. */
export function openXz(input: Readable): AsyncIterable<Uint8Array> {
  return new XzReadableStream(Streams.toWeb(input) as ReadableStream<Uint8Array>);
}
