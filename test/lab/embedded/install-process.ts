import { RUN_EXIT } from '../../../main/patching/apt/scripts/install.ts';
import { NO_SPACE } from './answer.ts';
import { transactionLines, type Change } from './apt-resolver.ts';
import { readDeb, sha256 } from './deb-file.ts';
import type { Disk } from './disk.ts';
import type { Machine } from './machine.ts';
import { askApt, changedContent } from './stage-view.ts';
import { ASKS_FOR_RESTART } from './vendor.ts';

/** Notes on a disk that make an install go wrong. */
export const BREAKS_CONFIGURATION = 'ldconfig is broken';
export const FILLS_UP = 'the disk fills up while unpacking';
/** How often a held lock is looked at until patience ends. */
const LOCK_TRIES = 40;

const stamp = (): string => `${new Date().toISOString().slice(0, 19)}Z`;

/**
 * The detached install (`run.sh` in a stage): content again, transaction again, then package after package. Each `sleep` is a
 * place where a kill, a restart or a power cut ends it, and what it did so far stays on the disk.
 */
export async function runInstall(
  machine: Machine,
  id: string,
  sleep: (ms: number) => Promise<void>,
): Promise<void> {
  const { disk, speed } = machine;
  const log = (...lines: readonly string[]): void => {
    const { install } = disk.stage(id);
    if (install !== null)
      disk.changeStage(id, { install: { ...install, log: `${install.log}${lines.join('\n')}\n` } });
  };
  const finish = (exitStatus: number): void => {
    const { install } = disk.stage(id);
    if (install !== null) disk.changeStage(id, { install: { ...install, exitStatus } });
  };
  const end = (status: number): void => {
    log(`sallyport: finished ${stamp()} with ${String(status)}`);
    finish(status);
  };

  log(`sallyport: started ${stamp()}`);
  await sleep(1);
  const stage = disk.stage(id);
  const changed = changedContent(stage);
  if (changed.length > 0) {
    log(...changed, 'sallyport: staged content has changed, nothing was installed');
    return finish(RUN_EXIT.contentChanged);
  }
  const reading = ['Reading package lists...', 'Building dependency tree...', 'Reading state information...'];
  const { simulate } = askApt(machine, id);
  if (simulate.status !== 0) {
    log(...reading, ...simulate.log);
    log('sallyport: the package manager no longer accepts the transaction, nothing was installed');
    return finish(RUN_EXIT.transactionDiffers);
  }
  const { changes } = simulate;
  const transaction = transactionLines(changes, disk.unfinished());
  if (transaction.join('\n') !== (stage.sealed ?? []).join('\n')) {
    log(
      ...reading,
      ...transaction,
      'sallyport: the transaction is not the staged one, nothing was installed',
    );
    return finish(RUN_EXIT.transactionDiffers);
  }
  log(...reading, ...announce(changes));
  for (let tries = 0; machine.lockHolder !== null; tries += 1) {
    if (tries === LOCK_TRIES) {
      const { pid, program } = machine.lockHolder;
      log(
        `Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process ${String(pid)} (${program})...`,
        'E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
      );
      return end(100);
    }
    await sleep(speed.packageMs);
  }
  const debs = changes.map((change) => {
    const folder = change.record.base.split('/').at(-1) ?? '';
    return { change, bytes: stage.repo.get(`${folder}/${change.record.filename}`) };
  });
  const wrong = debs.find(
    ({ change, bytes }) => bytes === undefined || sha256(bytes) !== change.record.sha256,
  );
  if (wrong !== undefined) {
    const { record } = wrong.change;
    log(
      `E: Failed to fetch file:${record.base}/${record.filename}  Hash Sum mismatch`,
      'E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
    );
    return end(100);
  }
  machine.installs.push({ stageId: id, packages: changes.map(({ record }) => record.name) });
  log('(Reading database ... 11778 files and directories currently installed.)');
  let isFirst = true;
  for (const { change, bytes } of debs) {
    const { record, from } = change;
    const over = from === null ? '' : ` over (${from.version})`;
    log(`Preparing to unpack .../${record.filename.split('/').at(-1) ?? ''} ...`);
    log(`Unpacking ${record.name}:${record.arch} (${record.version})${over} ...`);
    if (disk.notes.has(FILLS_UP)) {
      const archive = `${record.base}/${record.filename}`;
      log(
        `dpkg: error processing archive ${archive} (--unpack):`,
        ` cannot copy extracted data for './usr/share/doc/${record.name}/README' to '/usr/share/doc/${record.name}/README.dpkg-new': failed to write (${NO_SPACE})`,
        'Errors were encountered while processing:',
        ` ${archive}`,
        'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      );
      return end(100);
    }
    note(
      disk,
      `${from === null ? 'install' : 'upgrade'} ${record.name}:${record.arch} ${from?.version ?? '<none>'} ${record.version}`,
    );
    disk.put(unpacked(change, bytes ?? Buffer.alloc(0)));
    if (isFirst) machine.reach('unpacked-first');
    isFirst = false;
    await sleep(speed.packageMs);
    if (disk.notes.delete(DPKG_KILLED)) {
      log('E: Sub-process /usr/bin/dpkg exited unexpectedly');
      return end(100);
    }
  }
  for (const { change } of debs) {
    const { record } = change;
    log(`Setting up ${record.name}:${record.arch} (${record.version}) ...`);
    note(disk, `configure ${record.name}:${record.arch} ${record.version} <none>`);
    setStatus(disk, record.name, record.arch, 'install ok installed');
    if (ASKS_FOR_RESTART.has(record.name)) machine.restartAskedBy.add(record.name);
    await sleep(speed.packageMs);
  }
  for (const name of stage.automatic) disk.automatic.add(name.split(':')[0] ?? name);
  log('Processing triggers for libc-bin (2.36-9+deb12u14) ...');
  if (disk.notes.has(BREAKS_CONFIGURATION)) {
    setStatus(disk, 'libc-bin', 'amd64', 'install ok half-configured');
    log(
      'ldconfig: broken on purpose',
      'dpkg: error processing package libc-bin (--configure):',
      ' installed libc-bin package post-installation script subprocess returned error exit status 1',
      'Errors were encountered while processing:',
      ' libc-bin',
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
    );
    return end(100);
  }
  return end(0);
}

/** Set by a fault: dpkg is killed alone, and apt-get notices. */
export const DPKG_KILLED = 'dpkg was killed';

function note(disk: Disk, text: string): void {
  disk.dpkgLog.push(`${new Date().toISOString().slice(0, 19).replace('T', ' ')} ${text}`);
}

function setStatus(disk: Disk, name: string, arch: string, status: string): void {
  const item = disk.packages.get(`${name}:${arch}`);
  if (item !== undefined) disk.put({ ...item, status });
}

function unpacked({ record }: Change, bytes: Buffer) {
  return {
    name: record.name,
    version: record.version,
    arch: record.arch,
    source: record.source,
    sourceVersion: record.sourceVersion,
    status: 'install ok unpacked',
    depends: record.depends,
    files: readDeb(bytes).files,
  };
}

function announce(changes: readonly Change[]): readonly string[] {
  const names = (items: readonly Change[]): string =>
    `  ${items
      .map(({ record }) => record.name)
      .sort()
      .join(' ')}`;
  const fresh = changes.filter(({ from }) => from === null);
  const upgraded = changes.filter(({ from }) => from !== null);
  return [
    ...(fresh.length > 0 ? ['The following NEW packages will be installed:', names(fresh)] : []),
    ...(upgraded.length > 0 ? ['The following packages will be upgraded:', names(upgraded)] : []),
    `${String(upgraded.length)} upgraded, ${String(fresh.length)} newly installed, 0 to remove and 0 not upgraded.`,
  ];
}
