import { CodedError, PatchDriverError } from '../../../contract/errors.ts';
import type { RemoteSession } from '../../remote/remote-shell.ts';
import { expectDone, readSections, run } from './answer.ts';
import {
  adoptCommand,
  listMissingCommand,
  makeInboxCommand,
  removeInboxCommand,
  type StagedFile,
} from './commands.ts';
import { freeText, linesOf, parseSpace } from './parse.ts';
import { formatBytes, INBOX_PORTION_BYTES } from './space.ts';

export type Progress = (done: number, total: number) => void;

/** Uploads what is not there yet, portion by portion, and takes each portion into the stage before the next goes. */
export async function bring(
  session: RemoteSession,
  stageId: string,
  files: readonly StagedFile[],
  onProgress?: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const sections = await readSections(session, listMissingCommand(stageId, files), signal);
  const missing = linesOf(sections, 'missing').flatMap((number) => files[Number(number) - 1] ?? []);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const toBring = missing.reduce((sum, file) => sum + file.size, 0);
  let done = total - toBring;
  onProgress?.(done, total);
  if (missing.length === 0) return;
  const room = parseSpace(sections)[0];
  if (room !== undefined && toBring > room.available) {
    throw new PatchDriverError(
      'PATCHING_DISK_FULL',
      `${room.mountPoint} has ${formatBytes(room.available)} free, staging needs ${formatBytes(toBring)} more. Nothing was installed.`,
    );
  }
  const made = await run(session, makeInboxCommand(stageId), signal);
  const inbox = made.stdout.trim();
  if (made.exitCode !== 0 || !/^\/var\/tmp\/sallyport-[A-Za-z0-9.-]+$/.test(inbox))
    expectDone({ ...made, exitCode: made.exitCode || 1 }, 'make a folder for uploads');
  try {
    for (const portion of portionsOf(missing)) {
      await upload(session, stageId, inbox, portion, signal, (bytes) => {
        done += bytes;
        onProgress?.(Math.min(done, total), total);
      });
      const adopted = await readSections(session, adoptCommand(stageId, inbox, portion), signal);
      const [bad] = linesOf(adopted, 'bad');
      if (bad !== undefined) throw contentMismatch(bad, freeText(adopted, 'reason'));
    }
  } finally {
    // A folder left behind by a lost session holds no secret and is removed by the endpoint's own tidying of /var/tmp.
    await run(session, removeInboxCommand(inbox)).catch(ignoreLostSession);
  }
}

async function upload(
  session: RemoteSession,
  stageId: string,
  inbox: string,
  portion: readonly StagedFile[],
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const uploads = portion.map((file) => ({ from: { file: file.file }, to: `${inbox}/${file.sha256}` }));
  try {
    await session.upload(uploads, onBytes, signal);
  } catch (error) {
    // SFTP has one answer for every trouble of a server's disk, "Failure": ask whether there is room.
    if (!(error instanceof CodedError) || error.code !== 'TRANSPORT_PROTOCOL') throw error;
    const spaces = parseSpace(await readSections(session, listMissingCommand(stageId, []), signal));
    const full = spaces.find((space) => space.available < portion.reduce((sum, file) => sum + file.size, 0));
    if (full === undefined) throw error;
    throw new PatchDriverError(
      'PATCHING_DISK_FULL',
      `${full.mountPoint} filled up while content was brought to the endpoint. Nothing was installed.`,
      { cause: error },
    );
  }
}

function contentMismatch(path: string, reason: string): PatchDriverError {
  if (/No space left on device|Disk quota exceeded/.test(reason)) {
    return new PatchDriverError(
      'PATCHING_DISK_FULL',
      `No room on the endpoint for ${path}. Nothing was installed.`,
    );
  }
  return new PatchDriverError(
    'PATCHING_CONTENT_MISMATCH',
    `${path} did not reach the endpoint as it is in the catalogue. Nothing was installed.`,
  );
}

/** A session that is gone is told of by whatever fails next, or failed already. */
function ignoreLostSession(error: unknown): void {
  if (!(error instanceof CodedError)) throw error;
}

function* portionsOf(files: readonly StagedFile[]): Generator<readonly StagedFile[]> {
  let portion: StagedFile[] = [];
  let size = 0;
  const seen = new Set<string>();
  for (const file of files) {
    // Uploads are named by their hash, and taking one in removes it: equal content goes in portions of its own.
    if (portion.length > 0 && (size + file.size > INBOX_PORTION_BYTES || seen.has(file.sha256))) {
      yield portion;
      portion = [];
      size = 0;
      seen.clear();
    }
    portion.push(file);
    seen.add(file.sha256);
    size += file.size;
  }
  if (portion.length > 0) yield portion;
}
