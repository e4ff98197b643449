import { describe, expect, it } from 'vitest';
import { Secrets } from '../../../../main/cli/secrets.ts';
import { typeSecret } from '../../../../main/cli/terminal.ts';
import { makeFakeWorld } from './fake-world.ts';

const source = { what: 'the passphrase', option: '--passphrase-file', variable: 'SALLYPORT_PASSPHRASE' };

describe('Secrets', () => {
  it('prefers the file, then the environment, then the terminal', async () => {
    const world = makeFakeWorld({
      files: { '/run/pass': 'from the file\n' },
      env: { SALLYPORT_PASSPHRASE: 'from the environment' },
      answers: ['from the terminal'],
    });
    const secrets = new Secrets(world);
    expect(await secrets.readLine({ ...source, file: '/run/pass' })).toBe('from the file');
    expect(await secrets.readLine(source)).toBe('from the environment');
    expect(await secrets.readLine({ what: 'the password', option: '--password-file' })).toBe(
      'from the terminal',
    );
    expect(world.asked).toEqual(['The password: ']);
  });

  it('takes away one newline at the end and nothing else', async () => {
    const world = makeFakeWorld({ files: { dos: ' spaces count \r\n', two: 'a\n\n' } });
    expect(await new Secrets(world).readLine({ ...source, file: 'dos' })).toBe(' spaces count ');
    await expect(new Secrets(world).readLine({ ...source, file: 'two' })).rejects.toMatchObject({
      code: 'CONTRACT_INPUT_INVALID',
    });
  });

  it('asks twice for a new secret and refuses two that differ', async () => {
    const world = makeFakeWorld({ answers: ['one', 'two'] });
    const reading = new Secrets(world).readLine({ ...source, isNew: true });
    await expect(reading).rejects.toMatchObject({ code: 'CONTRACT_INPUT_INVALID' });
  });

  it('says where a secret can come from when nobody can be asked', async () => {
    const reading = new Secrets(makeFakeWorld()).readLine(source);
    await expect(reading).rejects.toMatchObject({
      code: 'CONTRACT_INPUT_INVALID',
      hint: 'Give --passphrase-file FILE or set SALLYPORT_PASSPHRASE.',
    });
  });

  it('reads the standard input once only', async () => {
    const secrets = new Secrets(makeFakeWorld({ files: { '-': 'secret\n' } }), '-');
    expect(await secrets.ofPerson('Ann')).toBe('secret');
    await expect(secrets.readWhole('-', '--key-file')).rejects.toMatchObject({
      code: 'CONTRACT_INPUT_INVALID',
    });
  });

  it('warns of a file that others can read', async () => {
    const world = makeFakeWorld({ files: { open: 'x' }, openToOthers: ['open'] });
    await new Secrets(world).readLine({ ...source, file: 'open' });
    expect(world.err).toEqual(['warning: other users of this machine can read open\n']);
  });
});

describe('typeSecret', () => {
  it.each([
    ['', 'abc', { line: 'abc', state: 'open' }],
    ['ab', 'c\r', { line: 'abc', state: 'done' }],
    ['abc', '\u007f\u007fx\n', { line: 'ax', state: 'done' }],
    ['a😀', '\b', { line: 'a', state: 'open' }],
    ['abc', '\u0015new', { line: 'new', state: 'open' }],
    ['abc', '\u0003', { line: '', state: 'cancelled' }],
    ['', '\u0004', { line: '', state: 'cancelled' }],
    ['abc', '\u001b[A', { line: 'abc', state: 'open' }],
  ])('%j then %j', (before, chunk, after) => expect(typeSecret(before, chunk)).toEqual(after));
});
