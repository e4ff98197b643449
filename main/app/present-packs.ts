import { ContractError } from '../../contract/errors.ts';
import type { ReviewPackView } from '../../contract/reviews.ts';
import type { Services } from './services.ts';

/** A pack as lists show it, without reading what is in it. @throws ContractError CONTRACT_NOT_FOUND */
export function presentPack({ reviews, queue, site }: Services, id: string): ReviewPackView {
  const row = reviews.findPackFacts(id);
  const facts = queue.findFacts(id);
  if (row === undefined || facts === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such pack.', { subject: { id } });
  return {
    ...{ id: row.id, approvalId: row.approvalId, sha256: row.sha256, createdAt: row.createdAt },
    ...{ cutOffAt: facts.cutOffAt, approvers: facts.approvers, patches: facts.patches },
    supersededBy: row.supersededBy,
    answeredBy: reviews
      .listDecisions(id)
      .map((item) => site.findPerson(item.personId)?.name ?? item.personId),
  };
}
