import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { protocol, type Session } from 'electron';
import { APP_SCHEME, CONTENT_SECURITY_POLICY, fileOf, isOwnUrl } from './origin.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** Must run before the application is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built renderer to the session, and cuts it off from everything else. */
export function serveRenderer(session: Session, folder: string): void {
  session.protocol.handle(APP_SCHEME, async (request) => {
    const file = fileOf(request.url, folder);
    if (file === undefined) return new Response('not found', { status: 404 });
    try {
      return new Response(await readFile(file), { headers: headersOf(file) });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
  session.webRequest.onBeforeRequest((details, callback) => {
    const allowed = isOwnUrl(details.url) || details.url.startsWith('devtools:') || isInline(details.url);
    callback({ cancel: !allowed });
  });
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  session.setPermissionCheckHandler(() => false);
}

function isInline(url: string): boolean {
  return url.startsWith('data:') || url.startsWith('blob:');
}

function headersOf(file: string): Record<string, string> {
  return {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  };
}
