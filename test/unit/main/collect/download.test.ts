import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadSmall, downloadVerified, type DownloadOptions } from '../../../../main/collect/download.ts';
import { codedFailure } from '../../../support/coded.ts';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const EXPECTED = { size: CONTENT.length, sha256: createHash('sha256').update(CONTENT).digest('hex') };
const QUICK: DownloadOptions = { retryDelayMs: 1, idleTimeoutMs: 5_000 };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
let dir: string;
let server: Server;
let answers: Answer[];
let ranges: (string | undefined)[];
let target: string;

const sendFrom: Answer = (request, response) => {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from > 0)
    response.writeHead(206, { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` });
  response.end(CONTENT.subarray(from));
};
const status =
  (code: number): Answer =>
  (_request, response) =>
    response.writeHead(code).end('no');
/** Sends the first part, and breaks the connection once some of it has been kept. */
const breakAfter =
  (bytes: number): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, bytes));
    const timer = setInterval(() => {
      if ((statSync(`${target}.part`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
      clearInterval(timer);
      response.destroy();
    }, 5);
  };

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-download-'));
  target = join(dir, 'ab', 'file');
  answers = [];
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    (answers.shift() ?? sendFrom)(request, response);
  });
  await new Promise<void>((resume) => server.listen(0, '127.0.0.1', resume));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true, force: true });
});
const url = (): URL => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/pool/a+b~c.deb`);
const fetchIt = (options: DownloadOptions = {}) =>
  downloadVerified(url(), target, EXPECTED, { ...QUICK, ...options });

describe('downloads', () => {
  it('fetch a file once, and count its bytes', async () => {
    let bytes = 0;
    const onBytes = (count: number): void => {
      bytes += count;
    };
    expect(await fetchIt({ onBytes })).toEqual({ kind: 'done', wasCached: false });
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
    expect(await fetchIt({ onBytes })).toEqual({ kind: 'done', wasCached: true });
    expect([ranges.length, bytes]).toEqual([1, 2 * CONTENT.length]);
  });

  it('go on where the connection broke', async () => {
    answers = [breakAfter(100_000)];
    let bytes = 0;
    expect(
      (
        await fetchIt({
          onBytes: (count) => {
            bytes += count;
          },
        })
      ).kind,
    ).toBe('done');
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
    expect(bytes).toBe(CONTENT.length);
  });

  it('start again where the server can’t go on, or kept another part', async () => {
    answers = [breakAfter(100_000), (_request, response) => response.end(CONTENT)];
    expect((await fetchIt()).kind).toBe('done');
    rmSync(target);
    writeFileSync(`${target}.part`, Buffer.alloc(1_000, 7));
    expect((await fetchIt()).kind).toBe('done');
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
  });

  it('try again after the server’s own failures, and give up in the end', async () => {
    answers = [status(503), status(500)];
    expect((await fetchIt()).kind).toBe('done');
    rmSync(target);
    answers = Array.from({ length: 4 }, () => status(503));
    expect(await fetchIt()).toEqual({ kind: 'unavailable', reason: 'the mirror answered 503' });
  });

  it('do not ask again for what is not there', async () => {
    answers = [status(404)];
    expect(await fetchIt()).toEqual({ kind: 'unavailable', reason: 'the mirror answered 404' });
    expect(ranges).toHaveLength(1);
  });

  it('keep no file that is not the one the index names', async () => {
    const other = Buffer.from(CONTENT);
    other[5] = 0xff;
    answers = Array.from({ length: 4 }, (): Answer => (_request, response) => response.end(other));
    expect(await fetchIt()).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('another file') as string,
    });
    answers = Array.from(
      { length: 4 },
      (): Answer => (_request, response) => response.end(Buffer.concat([CONTENT, CONTENT])),
    );
    expect((await fetchIt()).kind).toBe('unavailable');
    expect([existsSync(target), existsSync(`${target}.part`)]).toEqual([false, false]);
  });

  it('fetch again what was damaged after it was kept', async () => {
    await fetchIt();
    const damaged = readFileSync(target);
    damaged[1] = 0xff;
    writeFileSync(target, damaged);
    expect(await fetchIt()).toEqual({ kind: 'done', wasCached: false });
    expect(readFileSync(target).equals(CONTENT)).toBe(true);
  });

  it('give up a server that says nothing', async () => {
    answers = [() => undefined, (_request, response) => void response.write(CONTENT.subarray(0, 10))];
    expect(await fetchIt({ retries: 1, idleTimeoutMs: 200 })).toEqual({
      kind: 'unavailable',
      reason: 'nothing came for 200 ms',
    });
  });

  it('stop when they are told to, and keep what they have', async () => {
    const stop = new AbortController();
    answers = [
      (_request, response) => {
        response.writeHead(200, { 'content-length': CONTENT.length });
        response.write(CONTENT.subarray(0, 50_000), () =>
          setTimeout(() => {
            stop.abort();
          }, 50),
        );
      },
    ];
    const failure = await codedFailure(fetchIt({ signal: stop.signal, idleTimeoutMs: 5_000 }));
    expect(failure.code).toBe('CONTRACT_CANCELLED');
    expect(existsSync(`${target}.part`)).toBe(true);
    expect((await fetchIt()).kind).toBe('done');
  });

  it('read from folders as well, and bound what has no known size', async () => {
    const source = join(dir, 'source');
    writeFileSync(source, CONTENT);
    expect((await downloadVerified(pathToFileURL(source), target, EXPECTED, QUICK)).kind).toBe('done');
    expect(await downloadVerified(pathToFileURL(`${source}x`), `${target}2`, EXPECTED, QUICK)).toEqual({
      kind: 'unavailable',
      reason: 'there is no such file',
    });
    expect(Buffer.from(await downloadSmall(url(), 'small', CONTENT.length, QUICK)).equals(CONTENT)).toBe(
      true,
    );
    const failure = await codedFailure(downloadSmall(url(), 'small', 1_000, QUICK));
    expect([failure.code, failure.message]).toEqual([
      'COLLECT_DOWNLOAD_FAILED',
      expect.stringContaining('small'),
    ]);
  });
});
