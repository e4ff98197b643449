import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../main/catalogue/database.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import { parsePackages } from '../../main/core/apt/packages-index.ts';
import { bundleProcess } from '../support/bundled-process.ts';
import { fillCatalogue } from '../support/catalogue-rows.ts';
import { FleetRows, inventoryOf } from '../support/fleet-rows.ts';
import { fetchDebianMain } from './harness/debian-main.ts';
import { compare, program, type Bench } from './harness/measure.ts';

export const bench: Bench = {
  about: 'what one endpoint lacks, from the start of a process, beside apt list --upgradable on this machine',
  async measure(rounds, note) {
    const main = await fetchDebianMain();
    const { records } = parsePackages(
      (await program(['xz', '-dc', main.packages])).stdout,
      true,
      'Packages',
      { fields: 'without-relations' },
    );
    const installed = (
      await program(['dpkg-query', '-W', '-f', '${Package} ${Version} ${Architecture}\\n'])
    ).stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', version = '', arch = ''] = line.split(' ');
        return { name, version, arch };
      });
    const dir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    const db = openDatabase(join(dir, 'site.db'));
    fillCatalogue(new ImportStore(db), { packages: records });
    new FleetRows(db).scan('one', inventoryOf(installed));
    db.close();
    const assess = await bundleProcess(join(import.meta.dirname, 'one-endpoint-process.ts'));
    try {
      const ready = await assess.run(dir, 'one');
      if (ready.code !== 0) throw new Error(ready.stderr);
      note(
        `${installed.length} packages of this machine against ${records.length} of Debian main: ${ready.stdout.split('\n').length - 1} findings`,
      );
      return [
        await compare(
          {
            what: 'one endpoint, cold',
            ours: { name: 'ours', run: () => program(assess.command(dir, 'one'), { env: assess.env }) },
            peer: {
              name: 'apt list --upgradable',
              run: () => program(['apt', 'list', '--upgradable']),
            },
            goals: [{ text: '<= 0.3 s', met: ({ wall }) => wall <= 0.3 }],
          },
          rounds,
        ),
      ];
    } finally {
      assess.remove();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
