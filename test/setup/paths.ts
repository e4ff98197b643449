import { join } from 'node:path';

/** Folder of the checkout. */
export const projectRoot = join(import.meta.dirname, '..', '..');

/** Where downloads are kept between runs: outside git, shared by checkouts when SALLYPORT_CACHE says so. */
export const cacheDir = process.env['SALLYPORT_CACHE'] ?? join(projectRoot, '.cache');

/** What the build writes. */
export const outDir = join(projectRoot, 'out');
