import { defineCommand } from '../command.ts';
import { count, formatBytes, formatInstant, formatTable } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';

export const registerCommand = defineCommand({
  noun: 'bundle',
  verb: 'register',
  about: 'say what sites were given, or take back a bundle that never arrived; needs no site',
  arguments: [],
  options: [
    {
      flags: '--keys <folder>',
      about: 'folder of the signing keys, which the register lies in',
      required: true,
    },
    { flags: '--site <name>', about: 'this site only' },
    {
      flags: '--take-back <bundle>',
      about: 'the bundle (main/3) did not arrive: the next one brings its content again',
    },
  ],
  access: 'none',
  channels: [],
  run: async ({ input, world }) => {
    const { SiteRegister } = await import('../../collect/site-register.ts');
    const keysDir = resolvePath(world, input.text('keys'));
    const site = input.maybe('site');
    const lost = input.maybe('takeBack');
    if (lost !== undefined) {
      const [, stream, seq] = /^([a-z0-9][a-z0-9-]*)\/(\d{1,9})$/.exec(lost) ?? [];
      if (site === undefined || stream === undefined || seq === undefined)
        throw usageError('Whose bundle is taken back is not clear.', 'Write --site NAME --take-back main/3.');
      const gone = new SiteRegister(keysDir, site).takeBack(stream, Number(seq));
      const names = gone.map((bundle) => `${bundle.stream}/${bundle.seq}`);
      return {
        value: { site, takenBack: names },
        text: `Taken back: ${names.join(', ')}. The next bundle for ${site} brings ${count(new Set(gone.flatMap((bundle) => bundle.objects)).size, 'object')} again.`,
      };
    }
    const sites = (site === undefined ? SiteRegister.sites(keysDir) : [site]).map((name) => ({
      site: name,
      bundles: new SiteRegister(keysDir, name)
        .list()
        .map(({ objects, ...bundle }) => ({ ...bundle, objects: objects.length })),
    }));
    return {
      value: { sites },
      text: formatTable(
        sites.flatMap((entry) => entry.bundles.map((bundle) => ({ site: entry.site, ...bundle }))),
        [
          { title: 'SITE', cell: (row) => row.site },
          { title: 'BUNDLE', cell: (row) => `${row.stream}/${row.seq}` },
          { title: 'BUILDS ON', cell: (row) => (row.base === 0 ? '-' : `${row.stream}/${row.base}`) },
          { title: 'SIGNED', cell: (row) => formatInstant(row.createdAt) },
          { title: 'OBJECTS', cell: (row) => String(row.objects) },
          { title: 'SIZE', cell: (row) => formatBytes(row.bytes) },
        ],
        'No site was given anything under its name.',
      ),
    };
  },
});
