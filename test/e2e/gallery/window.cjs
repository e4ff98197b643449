// The window that the gallery is shown in: a true one, with nothing behind it but the files of this folder.
const { app, BrowserWindow, protocol } = require('electron');
const { readFile } = require('node:fs/promises');
const { extname, join, normalize } = require('node:path');

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };

protocol.registerSchemesAsPrivileged([{ scheme: 'gallery', privileges: { standard: true, secure: true } }]);
void app.whenReady().then(() => {
  protocol.handle('gallery', async ({ url }) => {
    const { pathname } = new URL(url);
    const file = join(__dirname, normalize(pathname === '/' ? '/index.html' : pathname));
    try {
      return new Response(await readFile(file), { headers: { 'content-type': TYPES[extname(file)] ?? '' } });
    } catch {
      return new Response('not found', { status: 404 });
    }
  });
  const window = new BrowserWindow({ width: 1280, height: 800, useContentSize: true, show: true });
  return window.loadURL('gallery://window/?scene=first-start');
});
app.on('window-all-closed', () => app.quit());
