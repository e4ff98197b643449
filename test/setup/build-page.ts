import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build as bundle } from 'esbuild';
import { projectRoot } from './paths.ts';

/**
 * The page for browsers: one file with everything in it. Its policy lets only this very script run and lets nothing connect; the site
 * puts the signed pack into it when it exports one (main/review/pack-zip.ts).
 */
export async function buildPage(file: string): Promise<void> {
  const { outputFiles } = await bundle({
    absWorkingDir: projectRoot,
    entryPoints: ['renderer/page/main.tsx'],
    outdir: dirname(file),
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    jsx: 'automatic',
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    // The first that sign with Ed25519.
    target: ['chrome137', 'firefox129', 'safari17'],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  // Inside a script, these two would be read as HTML.
  const script = textOf('.js')
    .trim()
    .replaceAll(/<\/(?=script)/gi, '<\\/')
    .replaceAll('<!--', '\\x3c!--');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts: Readonly<Record<string, string>> = {
    '%POLICY%': policy,
    '%STYLE%': textOf('.css').trim(),
    '%SCRIPT%': script,
  };
  const template = readFileSync(join(projectRoot, 'renderer', 'page', 'review.html'), 'utf8');
  const page = template
    .replace(/<script>\s*%SCRIPT%\s*<\/script>/, '<script>%SCRIPT%</script>')
    .replaceAll(/%(POLICY|STYLE|SCRIPT)%/g, (name) => parts[name] ?? '');
  mkdirSync(dirname(file), { recursive: true });
  // Tests that need it build it side by side: nobody may read half of it.
  const whole = `${file}.${randomUUID()}`;
  writeFileSync(whole, page);
  renameSync(whole, file);
}
