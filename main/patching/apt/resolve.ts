import { PatchDriverError } from '../../../contract/errors.ts';
import type { PlannedPackage } from '../../core/plan.ts';
import type { RemoteSession } from '../../remote/remote-shell.ts';
import { readSections } from './answer.ts';
import { resolveCommand } from './commands.ts';
import { explainSimulation, explainUpdate } from './explain.ts';
import { freeText, linesOf, parseSimulation, parseUris, type Simulation } from './parse.ts';

interface Resolution {
  readonly simulation: Simulation;
  /** apt's own lines, sorted by the endpoint. */
  readonly transaction: readonly string[];
  /** SHA-256 of the packages that would be installed. */
  readonly hashes: readonly string[];
  readonly automatic: { has(item: { readonly name: string; readonly arch: string }): boolean };
}

export async function resolve(
  session: RemoteSession,
  request: Parameters<typeof resolveCommand>[0],
  signal?: AbortSignal,
): Promise<Resolution> {
  const sections = await readSections(session, resolveCommand(request), signal);
  const changed = freeText(sections, 'content').trim();
  if (changed !== '') {
    throw new PatchDriverError(
      'PATCHING_CONTENT_MISMATCH',
      `Staged files are not what they were when they were brought. Nothing was installed.\n${changed.slice(0, 500)}`,
    );
  }
  const updateLog = freeText(sections, 'update-log');
  if (linesOf(sections, 'update')[0] !== '0') throw explainUpdate(updateLog);
  const simulateLog = freeText(sections, 'simulate-log');
  if (linesOf(sections, 'simulate')[0] !== '0') throw explainSimulation(simulateLog);
  const native = linesOf(sections, 'architecture')[0] ?? '';
  const transaction = linesOf(sections, 'transaction');
  const marked = new Set(linesOf(sections, 'automatic'));
  return {
    transaction,
    simulation: parseSimulation(transaction, native),
    hashes: parseUris(linesOf(sections, 'uris')),
    automatic: {
      has: ({ name, arch }) =>
        marked.has(`${name}:${arch}`) || ((arch === native || arch === 'all') && marked.has(name)),
    },
  };
}

/**
 * An approval binds the content of each package, not only its version: what the vendor's signed index would bring must be
 * exactly those files.
 */
export function contentDifferences(
  planned: readonly PlannedPackage[],
  hashes: readonly string[],
): readonly string[] {
  const wanted = new Map(planned.map((item) => [item.sha256, item]));
  const found = new Set(hashes);
  return [
    ...[...wanted]
      .filter(([hash]) => !found.has(hash))
      .map(
        ([hash, item]) =>
          `${item.name}:${item.arch} ${item.to} is planned as the file ${hash.slice(0, 16)}…, which the staged index does not name`,
      ),
    ...[...found]
      .filter((hash) => !wanted.has(hash))
      .map((hash) => `the file ${hash.slice(0, 16)}… is in no plan`),
  ];
}

export function refuseDifferences(differences: readonly string[]): void {
  if (differences.length === 0) return;
  const shown = differences.slice(0, 10).join('; ');
  const more = differences.length > 10 ? ` and ${String(differences.length - 10)} more` : '';
  throw new PatchDriverError(
    'PATCHING_TRANSACTION_DIFFERS',
    `The endpoint would do something else than planned: ${shown}${more}. Nothing was installed.`,
    { hint: 'Scan the endpoint and plan again.' },
  );
}
