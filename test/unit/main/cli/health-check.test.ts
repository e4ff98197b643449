import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../contract/errors.ts';
import { parseHealthCheck, splitWords } from '../../../../main/cli/health-check.ts';
import { parseMirrors } from '../../../../main/cli/commands/bundle-build.ts';

describe('splitWords', () => {
  it.each([
    ['curl --fail http://127.0.0.1/', ['curl', '--fail', 'http://127.0.0.1/']],
    ['  sh -c "exit 0"  ', ['sh', '-c', 'exit 0']],
    [`a 'b "c" d' ""`, ['a', 'b "c" d', '']],
    [String.raw`a\ b 'c\d' "e\"f"`, ['a b', String.raw`c\d`, 'e"f']],
    ['$HOME `id` *', ['$HOME', '`id`', '*']],
    ['', []],
  ])('%s', (text, words) => expect(splitWords(text)).toEqual(words));

  it('refuses a quote that does not end', () => {
    expect(() => splitWords(`a 'b`)).toThrow(CodedError);
  });
});

describe('parseHealthCheck', () => {
  it('takes the name up to the first equals sign', () => {
    expect(parseHealthCheck('web = test a=b')).toEqual({ name: 'web', argv: ['test', 'a=b'] });
  });
  it.each(['web', 'web=', '=true', '  =  '])('refuses %j', (text) => {
    expect(() => parseHealthCheck(text)).toThrow(CodedError);
  });
});

describe('parseMirrors', () => {
  it('takes one address for each root', () => {
    expect(parseMirrors(['debian=http://mirror.example/debian', 'debian-security=file:///srv/s=1'])).toEqual({
      debian: 'http://mirror.example/debian',
      'debian-security': 'file:///srv/s=1',
    });
  });
  it('refuses an address without a root', () => {
    expect(() => parseMirrors(['http://mirror.example/debian?x=1'])).toThrow(CodedError);
  });
});
