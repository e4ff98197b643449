import { describe, expect, it } from 'vitest';
import { chooseDataFolder } from '../../../../main/cli/data-folder.ts';

const linux = { env: {}, platform: 'linux' as const, home: '/home/ann', folder: '/home/ann/sites' };

describe('chooseDataFolder', () => {
  it('takes the option, then the variable, seen from the working folder', () => {
    const env = { SALLYPORT_DATA: '/srv/site' };
    expect(chooseDataFolder('north', { ...linux, env })).toBe('/home/ann/sites/north');
    expect(chooseDataFolder(undefined, { ...linux, env })).toBe('/srv/site');
    expect(chooseDataFolder(undefined, { ...linux, env: { SALLYPORT_DATA: '' } })).toBe(
      '/home/ann/.config/sallyport/site',
    );
  });

  it('falls back to the folder of the window, on each platform', () => {
    expect([
      chooseDataFolder(undefined, { ...linux, env: { XDG_CONFIG_HOME: '/conf' } }),
      chooseDataFolder(undefined, { ...linux, platform: 'darwin', home: '/Users/ann' }),
      chooseDataFolder(undefined, {
        platform: 'win32',
        env: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' },
        home: 'C:\\Users\\ann',
        folder: 'D:\\',
      }),
    ]).toEqual([
      '/conf/sallyport/site',
      '/Users/ann/Library/Application Support/sallyport/site',
      'C:\\Users\\ann\\AppData\\Roaming\\sallyport\\site',
    ]);
  });
});
