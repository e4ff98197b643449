import { posix, win32 } from 'node:path';
import type { World } from './world.ts';

/** A path of the command line as seen from the folder that the command was started in: the engine takes whole paths. */
export function resolvePath(world: Pick<World, 'platform' | 'folder'>, path: string): string {
  return (world.platform === 'win32' ? win32 : posix).resolve(world.folder, path);
}
