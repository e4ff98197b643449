import type { OutputOf } from '../../contract/channels.ts';
import { BundleError, ContractError } from '../../contract/errors.ts';
import { readAnchor } from '../bundle/re-anchor.ts';
import type { ReAnchorRow } from '../catalogue/re-anchor-store.ts';
import { confirmReAnchor, CONFIRM_WITHIN_DAYS, type GivenUp } from '../core/bundle/re-anchor.ts';
import type { TrustState } from '../core/bundle/trust.ts';
import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

type ReAnchorHandlers = Pick<Handlers, 'trust.proposeReAnchor' | 'trust.confirmReAnchor' | 'trust.reAnchors'>;
type ReAnchorView = OutputOf<'trust.confirmReAnchor'>;

export const reAnchorHandlers: ReAnchorHandlers = {
  'trust.proposeReAnchor': (input, context) => {
    const { services } = context;
    const trust = services.imports.loadTrust();
    const { bundle, next, givesUp } = readAnchor({
      mediaDir: input.folder,
      fingerprint: input.fingerprint,
      trust,
      now: services.now(),
    });
    const { id: proposedBy, name: proposedByName } = context.person();
    const row = {
      id: services.newId(),
      proposedBy,
      proposedByName,
      proposedAt: services.now(),
      reason: input.reason,
      fingerprint: input.fingerprint,
      bundle: `${bundle.stream}/${bundle.seq}`,
      manifestSha256: bundle.manifestSha256,
      trustDigest: services.reAnchors.digestOf(requireTrust(trust)),
      givesUp,
      next,
    };
    context.commit({ ...subjectOf(row), reason: row.reason }, () => services.reAnchors.propose(row));
    return present({ ...row, confirmedByName: null, confirmedAt: null }, services.now());
  },
  'trust.confirmReAnchor': (input, context) => {
    const { services } = context;
    services.lease.acquire();
    refuseDuringImport(services);
    const row = services.reAnchors.get(input.id);
    if (row === undefined)
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such proposal.', {
        subject: { id: input.id },
      });
    if (row.confirmedAt !== null)
      throw new ContractError('CONTRACT_CONFLICT', `${row.confirmedByName ?? ''} has confirmed it already.`);
    const { id: by, name: byName } = context.person();
    const confirmation = { by, byName, at: services.now(), fingerprint: input.fingerprint };
    context.commit({ ...subjectOf(row), proposedBy: row.proposedByName, reason: row.reason }, () => {
      const before = requireTrust(services.imports.loadTrust());
      const next = confirmReAnchor(row, confirmation, services.reAnchors.digestOf(before));
      services.reAnchors.apply(row.id, confirmation, before, next);
    });
    services.publish({ kind: 'changed', area: 'catalogue', id: null });
    return present({ ...row, confirmedByName: byName, confirmedAt: confirmation.at }, services.now());
  },
  'trust.reAnchors': (_input, { services }) =>
    services.reAnchors.list().map((row) => present(row, services.now())),
};

function requireTrust(trust: TrustState | null): TrustState {
  if (trust !== null) return trust;
  throw new BundleError('BUNDLE_ROOT_UNPINNED', 'This site has not pinned a root of trust yet.');
}

/** An import would move the trust that the second person has read. */
function refuseDuringImport(services: Services): void {
  if (!services.operations.list().some((item) => item.kind === 'import' && item.status === 'running')) return;
  throw new ContractError('CONTRACT_CONFLICT', 'A bundle is being imported.', {
    hint: 'Wait until it has been imported, then try again.',
    retry: 'same',
  });
}

const textOf = (givesUp: readonly GivenUp[]): string =>
  givesUp.map(({ what, from, to }) => `${what} ${from} to ${to}`).join(', ') || 'nothing';

const subjectOf = (
  row: Pick<ReAnchorRow, 'id' | 'fingerprint' | 'bundle' | 'manifestSha256' | 'givesUp'>,
) => ({
  id: row.id,
  fingerprint: row.fingerprint,
  bundle: row.bundle,
  manifest: row.manifestSha256,
  givesUp: textOf(row.givesUp),
});

function present(row: ReAnchorRow, now: string): ReAnchorView {
  const isLapsed = Date.parse(now) - Date.parse(row.proposedAt) > CONFIRM_WITHIN_DAYS * 86_400_000;
  return {
    id: row.id,
    status: row.confirmedAt !== null ? 'confirmed' : isLapsed ? 'lapsed' : 'proposed',
    proposedBy: row.proposedByName,
    proposedAt: row.proposedAt,
    reason: row.reason,
    fingerprint: row.fingerprint,
    rootVersion: row.next.roots.at(-1)?.version ?? 0,
    bundle: row.bundle,
    manifestSha256: row.manifestSha256,
    givesUp: row.givesUp.map((item) => ({ ...item })),
    confirmedBy: row.confirmedByName,
    confirmedAt: row.confirmedAt,
  };
}
