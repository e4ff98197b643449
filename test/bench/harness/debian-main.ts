import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAptTargets } from '../../../main/collect/mirrors.ts';
import { cacheDir } from '../../setup/paths.ts';
import { program } from './measure.ts';

/** Debian's main archive as apt keeps it: lists packed by xz, in a state folder of the bench's own. */
export interface DebianMain {
  readonly release: string;
  readonly packages: string;
  /** Environment that makes apt use this state. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder of apt's caches, which is what it makes of the lists. */
  readonly aptCache: string;
}

const SUITE = 'bookworm';

/**
 * Fetches the lists with apt from the mirror that this machine is set up with. Kept between runs; apt asks whether there is
 * something newer.
 *
 * @throws Error where apt has no source of that suite, or can't reach it
 */
export async function fetchDebianMain(): Promise<DebianMain> {
  const target = (await readAptTargets()).find(({ suite }) => suite === SUITE);
  if (target === undefined) throw new Error(`apt on this machine has no source of ${SUITE}`);
  const dir = join(cacheDir, 'bench', 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'none'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(
    join(dir, 'sources.list'),
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${target.base} ${SUITE} main\n`,
  );
  writeFileSync(join(dir, 'status'), '');
  const config = join(dir, 'apt.conf');
  writeFileSync(
    config,
    [
      'APT::Architecture "amd64";',
      'APT::Architectures { "amd64"; };',
      `Dir::State "${dir}";`,
      `Dir::State::lists "${dir}/lists";`,
      `Dir::State::status "${dir}/status";`,
      `Dir::Cache "${dir}/cache";`,
      `Dir::Etc::sourcelist "${dir}/sources.list";`,
      `Dir::Etc::sourceparts "${dir}/none";`,
      `Dir::Etc::preferencesparts "${dir}/none";`,
      'Acquire::Languages "none";',
      'Acquire::GzipIndexes "true";',
      'Acquire::IndexTargets::deb::Packages::KeepCompressedAs "xz";',
      'APT::Sandbox::User "root";',
    ].join('\n'),
  );
  const env = { APT_CONFIG: config };
  await program(['apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any'], { env });
  const find = (end: string): string => {
    const name = readdirSync(join(dir, 'lists')).find((file) => file.endsWith(end));
    if (name === undefined) throw new Error(`apt fetched no ${end}`);
    return join(dir, 'lists', name);
  };
  return {
    release: find('_InRelease'),
    packages: find('_main_binary-amd64_Packages.xz'),
    env,
    aptCache: join(dir, 'cache'),
  };
}
