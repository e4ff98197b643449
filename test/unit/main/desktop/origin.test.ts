import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY, fileOf, isOwnUrl } from '../../../../main/desktop/origin.ts';

const folder = join('/opt', 'sallyport', 'out', 'renderer');

describe('an address of the window', () => {
  test.each([
    ['app://sallyport/', 'index.html'],
    ['app://sallyport/index.html?x=1#top', 'index.html'],
    ['app://sallyport/assets/main-abc.js', join('assets', 'main-abc.js')],
    ['app://sallyport/assets/a%20b.svg', join('assets', 'a b.svg')],
  ])('%s names a file of the renderer', (url, file) => {
    expect(fileOf(url, folder)).toBe(join(folder, file));
  });

  test.each([
    'app://sallyport/../../../etc/passwd',
    'app://sallyport/%2e%2e/%2e%2e/secret',
    'app://sallyport/assets/..%2f..%2f..%2fsecret',
    'app://sallyport/a%00.js',
    'app://sallyport/%E0%A4%A',
    'app://sallyport.example/index.html',
    'app://other/index.html',
    'file:///etc/passwd',
    'https://sallyport/index.html',
  ])('%s leads nowhere', (url) => {
    expect(fileOf(url, folder)).toBeUndefined();
  });

  test('is ours only with the whole host name', () => {
    expect(['app://sallyport/x', 'app://sallyport.evil/x', 'app://sallyport', ''].filter(isOwnUrl)).toEqual([
      'app://sallyport/x',
    ]);
  });
});

test('the content security policy names no remote origin and allows no inline script', () => {
  const directives = new Map(
    CONTENT_SECURITY_POLICY.split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources];
    }),
  );
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('script-src')).toEqual(["'self'"]);
  expect(directives.get('connect-src')).toEqual(["'self'"]);
  const sources = new Set([...directives.values()].flat());
  expect([...sources].sort()).toEqual(["'none'", "'self'", "'unsafe-inline'", 'data:']);
});
