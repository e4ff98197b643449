import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RepositorySlice } from '../../main/core/repository-slice.ts';

/**
 * Lets this machine's apt, with a state of its own, judge a partial repository.
 *
 * @param status text of a dpkg status file: what is installed
 * @returns `name version` of what it would upgrade, sorted
 */
export function askApt(dir: string, slices: readonly RepositorySlice[], status: string): string[] {
  const repository = join(dir, 'repository');
  const sources: string[] = [];
  for (const slice of slices) {
    for (const file of [...slice.metadata, ...slice.packages]) {
      const target = join(repository, slice.name, file.path);
      mkdirSync(join(target, '..'), { recursive: true });
      writeFileSync(target, readFileSync(file.file));
    }
    sources.push(
      `Types: deb\nURIs: file:${repository}/${slice.name}\nSuites: ${slice.suite}\nComponents: ${slice.components.join(' ')}\nArchitectures: ${slice.arch}\nSigned-By: ${slice.signedBy}\n`,
    );
  }
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'parts', 'none'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'parts/site.sources'), sources.join('\n'));
  writeFileSync(join(dir, 'status'), status);
  const config = join(dir, 'apt.conf');
  writeFileSync(
    config,
    [
      'APT::Architecture "amd64";',
      `Dir::State "${dir}/state";`,
      `Dir::State::status "${dir}/status";`,
      `Dir::Cache "${dir}/cache";`,
      'Dir::Etc::sourcelist "/dev/null";',
      `Dir::Etc::sourceparts "${dir}/parts";`,
      `Dir::Etc::parts "${dir}/none";`,
      `Dir::Etc::preferencesparts "${dir}/none";`,
      'Acquire::Languages "none";',
      'APT::Sandbox::User "root";',
    ].join('\n'),
  );
  const env = { ...process.env, LC_ALL: 'C', APT_CONFIG: config };
  const update = spawnSync('apt-get', ['update', '-q', '-o', 'APT::Update::Error-Mode=any'], {
    env,
    encoding: 'utf8',
  });
  if (update.status !== 0) throw new Error(`apt-get update: ${update.stderr}`);
  const list = spawnSync('apt', ['list', '--upgradable'], { env, encoding: 'utf8' }).stdout;
  return list
    .split('\n')
    .flatMap((line) => {
      const match = /^([^/]+)\/\S+ (\S+) /.exec(line);
      return match === null ? [] : [`${match[1] ?? ''} ${match[2] ?? ''}`];
    })
    .sort();
}
