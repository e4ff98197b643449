import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildGallery, findBrowser, openGallery, removeGallery } from './browser.ts';
import { SCENES } from './scenes.ts';

/** Takes the pictures: `node test/e2e/gallery/shoot.ts <folder> [scene...]`. */
const [folder = 'docs/images', ...only] = process.argv.slice(2);
const program = findBrowser();
if (program === undefined) throw new Error('no Chromium here: set SALLYPORT_TEST_BROWSER to one');
mkdirSync(folder, { recursive: true });
const built = await buildGallery();
for (const view of [
  { width: 1280, height: 800 },
  { width: 1100, height: 700 },
]) {
  const gallery = await openGallery(program, built, view);
  for (const scene of Object.keys(SCENES)) {
    if (only.length > 0 && !only.includes(scene)) continue;
    for (const theme of ['light', 'dark'] as const) {
      const page = await gallery.show(scene, theme);
      await page.screenshot({ path: join(folder, `${scene}-${theme}-${view.width}.png`) });
    }
  }
  for (const error of new Set(gallery.errors)) process.stderr.write(`${error}\n`);
  await gallery.close();
}
removeGallery(built);
