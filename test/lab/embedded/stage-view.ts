import { STAGE_ROOT } from '../../../main/patching/apt/scripts/shell-script.ts';
import {
  readPins,
  simulateInstall,
  updateLists,
  type SimulateAnswer,
  type UpdateAnswer,
} from './apt-resolver.ts';
import { sha256 } from './deb-file.ts';
import type { Stage } from './disk.ts';
import type { Machine } from './machine.ts';

export const stageFolder = (id: string): string => `${STAGE_ROOT}/${id}`;

/** Lines of sha256sum(1) about staged files that are not what they were. */
export function changedContent(stage: Stage): readonly string[] {
  const changed = (stage.content ?? []).flatMap((line) => {
    const [hash = '', path = ''] = line.split('  ');
    const bytes = stage.repo.get(path);
    return bytes !== undefined && sha256(bytes) === hash ? [] : [`${path}: FAILED`];
  });
  if (changed.length === 0) return [];
  const many = changed.length === 1 ? 'checksum' : 'checksums';
  return [...changed, `sha256sum: WARNING: ${String(changed.length)} computed ${many} did NOT match`];
}

/** What apt makes of the lists and of the packages wanted, now. */
export function askApt(machine: Machine, id: string): { update: UpdateAnswer; simulate: SimulateAnswer } {
  const { disk } = machine;
  const stage = disk.stage(id);
  const update = updateLists({
    sources: stage.sources,
    repo: stage.repo,
    stageFolder: stageFolder(id),
    vendorKey: machine.vendorKey,
  });
  const simulate = simulateInstall({
    installed: disk.packages,
    available: update.available,
    wanted: stage.wanted,
    pins: readPins(stage.pins),
  });
  return { update, simulate };
}
