import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import { failureOf } from '../suites/remote-shell.suite.ts';
import { openLoopbackEndpoint } from '../support/loopback-endpoint.ts';
import type { LoopbackEndpoint } from '../support/loopback-endpoint.ts';

describe('an upload over SSH', () => {
  const endpoints: LoopbackEndpoint[] = [];
  const open = async () => {
    const endpoint = await openLoopbackEndpoint();
    endpoints.push(endpoint);
    return { ...endpoint, shell: new SshShell() };
  };
  afterEach(async () => {
    for (const endpoint of endpoints.splice(0)) await endpoint.close();
  });

  it('copies a file from disk, and says what is wrong with one it can not write or read', async () => {
    const { shell, target, folder } = await open();
    const session = await shell.connect(target);
    const local = await mkdtemp(join(tmpdir(), 'sallyport-upload-'));
    const file = join(local, 'content');
    await writeFile(file, Buffer.alloc(3_000_000, 'bytes of a package'));
    const to = join(folder, 'copied');
    await session.upload([{ from: { file }, to }]);
    const same = await session.run({ argv: ['cmp', file, to] });
    expect(same).toEqual({ exitCode: 0, stdout: '', stderr: '' });

    const noFolder = session.upload([{ from: { file }, to: join(folder, 'no', 'such', 'folder') }]);
    expect(await failureOf(noFolder)).toEqual(['TRANSPORT_PROTOCOL', 'never']);
    const noFile = session.upload([{ from: { file: `${file}.gone` }, to }]);
    expect(await failureOf(noFile)).toEqual(['CONTENT_MISSING', 'never']);
    await session.close();
    await rm(local, { recursive: true });
  });

  it('is dropped with its session', async () => {
    const { shell, target, folder, server } = await open();
    const session = await shell.connect(target);
    const bytes = Buffer.alloc(40_000_000);
    let sent = 0;
    const upload = session.upload([{ from: { bytes }, to: join(folder, 'big') }], (more) => {
      sent += more;
      if (sent > 1_000_000) server.drop();
    });
    expect(await failureOf(upload)).toEqual(['TRANSPORT_DROPPED', 'after-reconnect']);
    expect(sent).toBeLessThan(bytes.length);
  });

  it('stops when the caller cancels, and leaves the session usable', async () => {
    const { shell, target, folder } = await open();
    const session = await shell.connect(target);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const files = [{ from: { bytes: Buffer.alloc(40_000_000) }, to: join(folder, 'big') }];
    const upload = session.upload(files, () => controller.abort(reason), controller.signal);
    await expect(upload).rejects.toBe(reason);
    expect((await session.run({ argv: ['printf', 'alive'] })).stdout).toBe('alive');
    await session.close();
  });
});
