import { posix, win32 } from 'node:path';
import type { World } from './world.ts';

type Surroundings = Pick<World, 'env' | 'platform' | 'home' | 'folder'>;

/** The site's folder: `--data`, else SALLYPORT_DATA, else the folder that the window uses too. */
export function chooseDataFolder(option: string | undefined, around: Surroundings): string {
  const path = around.platform === 'win32' ? win32 : posix;
  const named = option ?? (around.env['SALLYPORT_DATA'] || undefined);
  if (named !== undefined) return path.resolve(around.folder, named);
  return path.join(userDataFolder(around, path), 'sallyport', 'site');
}

/** Where Electron keeps a user's application data (its `appData` path), so that window and command line share a site. */
function userDataFolder({ env, platform, home }: Surroundings, path: typeof posix): string {
  if (platform === 'win32') return env['APPDATA'] || path.join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  return env['XDG_CONFIG_HOME'] || path.join(home, '.config');
}
