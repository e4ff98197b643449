import { join, normalize, sep } from 'node:path';

/** The window is served from this scheme and host, and from nowhere else. */
export const APP_SCHEME = 'app';
const APP_HOST = 'sallyport';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** True for an address inside our own window. Written for the string, since URL.origin is "null" for custom schemes. */
export function isOwnUrl(url: string): boolean {
  return url.startsWith(`${APP_ORIGIN}/`);
}

/**
 * No remote origin, no inline script, no eval, no plugin, no frame, no form. `data:` images are icons that the bundler
 * inlines; inline style elements are what the component library writes for its own widgets.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** The file that an address of ours names, or undefined when it leads out of the folder. */
export function fileOf(url: string, folder: string): string | undefined {
  if (!isOwnUrl(url)) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(url.slice(APP_ORIGIN.length).replace(/[?#].*$/s, ''));
  } catch {
    return undefined;
  }
  if (path.includes('\0')) return undefined;
  const file = normalize(join(folder, path === '/' ? '/index.html' : path));
  return file.startsWith(normalize(folder) + sep) ? file : undefined;
}
