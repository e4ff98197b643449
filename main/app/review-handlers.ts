import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ReviewError } from '../../contract/errors.ts';
import { judgeDecision, REVIEW_LIMITS, type DecisionInput } from '../core/review/judge-decision.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import type { Handlers } from './dispatch.ts';
import { beginExport } from './export-pack.ts';
import { presentPack } from './present-packs.ts';
import { reviewSite } from './reviews.ts';
import { takeIn } from './take-in.ts';

type ReviewHandlers = Pick<Handlers, 'reviews.list' | 'reviews.export' | 'reviews.import'>;

export const reviewHandlers: ReviewHandlers = {
  'reviews.list': (_input, { services }) =>
    services.reviews.listPacks().map((row) => presentPack(services, row.id)),
  'reviews.export': (input, context) => ({ operationId: beginExport(context, input) }),
  'reviews.import': (input, context) => {
    const { services } = context;
    const judged = judgeDecision(
      readInput(input.file, input.signatureFile),
      reviewSite(services),
      reviewCrypto,
    );
    const { sent, signer, sha256 } = judged;
    const { signatureFile } = input;
    return takeIn(
      context,
      { sent, sha256, person: { id: signer.personId, name: signer.personName } },
      input.validHours,
      (at) =>
        services.reviews.insertDecision({
          ...{ sha256, packId: sent.pack.packId, personId: signer.personId },
          ...{
            file: readFileSync(input.file),
            sshSignature: signatureFile === null ? null : readFileSync(signatureFile),
          },
          ...{ importedAt: at, importedBy: context.person().id },
        }),
    );
  },
};

/** @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_FILE_TOO_LARGE */
function readInput(file: string, signatureFile: string | null): DecisionInput {
  const read = (path: string): Uint8Array => {
    const unreadable = (cause: unknown): ReviewError =>
      new ReviewError('REVIEW_FILE_UNREADABLE', `${path} cannot be read.`, {
        hint: 'Look at the path and the medium.',
        subject: { file: path },
        cause,
      });
    try {
      const { size } = statSync(path);
      if (size <= REVIEW_LIMITS.bytes) return readFileSync(path);
    } catch (error) {
      throw unreadable(error);
    }
    throw new ReviewError('REVIEW_FILE_TOO_LARGE', `${basename(path)} is larger than any decision file.`, {
      hint: 'Do not use this file.',
      subject: { file: path },
    });
  };
  const name = basename(file);
  if (signatureFile === null) return { kind: 'envelope', file: name, bytes: read(file) };
  return {
    ...{ kind: 'ssh', file: name, bytes: read(file) },
    ...{ signature: read(signatureFile), signatureFile: basename(signatureFile) },
  };
}
