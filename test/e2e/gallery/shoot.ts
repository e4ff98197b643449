import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withDisplay } from '../../setup/display.ts';
import { openGallery } from './gallery-window.ts';
import { SCENES } from './scenes.ts';

/** Takes the pictures: `node test/e2e/gallery/shoot.ts <folder> [scene...]`. */
const [folder = 'docs/images', ...only] = process.argv.slice(2);
const views = (process.env['VIEWS'] ?? '1280x800,1100x700')
  .split(',')
  .map((view) => view.split('x').map(Number));
const themes = (process.env['THEMES'] ?? 'light,dark').split(',') as ('light' | 'dark')[];
mkdirSync(folder, { recursive: true });
await withDisplay(async () => {
  const gallery = await openGallery();
  for (const [width = 1280, height = 800] of views) {
    await gallery.resize(width, height);
    for (const scene of Object.keys(SCENES)) {
      if (only.length > 0 && !only.includes(scene)) continue;
      for (const theme of themes) {
        const page = await gallery.show(scene, theme);
        await page.screenshot({
          path: join(folder, `${scene}-${theme}${width === 1_280 ? '' : `-${width}`}.png`),
          animations: 'disabled',
        });
      }
    }
  }
  for (const complaint of new Set(gallery.complaints)) process.stderr.write(`${complaint}\n`);
  await gallery.close();
});
