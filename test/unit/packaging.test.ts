import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { build } from '../setup/build.ts';

const checkout = join(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);

interface Packaging {
  readonly asar: boolean;
  readonly asarUnpack: readonly string[];
  readonly files: readonly string[];
  readonly directories: { readonly buildResources: string };
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly linux: { readonly target: readonly string[] };
  readonly win: { readonly target: readonly string[]; readonly icon: string };
}

const packaging = parse(readFileSync(join(checkout, 'electron-builder.yml'), 'utf8')) as Packaging;

describe('electron-builder.yml', () => {
  test("holds by the packager's own schema", () => {
    const schema = require('app-builder-lib/scheme.json') as object;
    const ajv = new Ajv({ strict: false, allErrors: true });
    ajv.validate(schema, packaging);
    expect(ajv.errors ?? []).toEqual([]);
    // The schema does object to what it does not know: the line above can fail.
    expect(ajv.validate(schema, { ...packaging, asarUnpakc: [] })).toBe(false);
  });

  test('makes an AppImage and a deb for Linux and an installer for Windows', () => {
    expect([packaging.linux.target, packaging.win.target]).toEqual([['AppImage', 'deb'], ['nsis']]);
  });

  test('turns off every way to run other code in the packaged program', () => {
    expect(packaging.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test('packs what was built and the native module, never sources, tests, maps or the stand-in runtime', () => {
    const kept = packaging.files.filter((pattern) => !pattern.startsWith('!'));
    for (const pattern of kept) {
      expect(pattern).toMatch(
        /^(out\/(desktop|preload|engine|renderer|page|cli)\/|package\.json$|node_modules\/better-sqlite3\/)/,
      );
    }
    expect(packaging.files).toEqual(
      expect.arrayContaining(['!**/*.map', '!out/types/**', '!node_modules/**']),
    );
    expect(packaging.asar).toBe(true);
    expect(packaging.asarUnpack).toEqual(['node_modules/better-sqlite3/**']);
  });

  test('has its icons', () => {
    const icons = join(checkout, packaging.directories.buildResources, 'icons');
    expect(readdirSync(icons)).toEqual(expect.arrayContaining(['icon.ico', '256x256.png', '512x512.png']));
    expect(existsSync(join(checkout, packaging.directories.buildResources, packaging.win.icon))).toBe(true);
  });
});

describe('the build for a package', { timeout: 300_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-package-'));
    await build({ packaged: true, into: folder });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function requiredBy(bundle: string): Set<string> {
    const code = readFileSync(join(folder, bundle), 'utf8');
    return new Set(
      [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name.replace(/^node:/, '')),
    );
  }

  test('starts the engine in a utilityProcess and holds no way to start another program', () => {
    const shell = readFileSync(join(folder, 'desktop', 'index.cjs'), 'utf8');
    expect(requiredBy('desktop/index.cjs')).not.toContain('child_process');
    expect(shell).toContain('utilityProcess.fork(');
    expect(shell).not.toContain('execPath:');
  });

  test('an engine without electron, and a bridge with nothing else', () => {
    expect(requiredBy('engine/index.cjs')).not.toContain('electron');
    expect(requiredBy('engine/index.cjs')).toContain('better-sqlite3');
    expect([...requiredBy('preload/index.cjs')]).toEqual(['electron']);
  });

  test('a page with no script in it and no address outside it', () => {
    const page = readFileSync(join(folder, 'renderer', 'index.html'), 'utf8');
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/);
    expect([...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\.\/assets\//)]),
    );
    expect(page).not.toMatch(/\b(?:src|href)="(?!\.\/)/);
  });

  test('no source maps', () => {
    const files = readdirSync(folder, { recursive: true }).map(String);
    expect(files.filter((file) => file.endsWith('.map'))).toEqual([]);
  });
});
