import type { z } from 'zod';
import { ContractError } from '../../contract/errors.ts';
import type { HoldCeremony, KeyStatusView } from '../../contract/keys.ts';
import { keysFolder, mustBeAbsolute, tellCollect } from './collect-settings.ts';
import type { Handlers } from './dispatch.ts';
import type { CallContext, Services } from './services.ts';

/** Channels about the keys that sites trust. */
export type KeyChannel =
  | 'collect.keyStatus'
  | 'collect.holdCeremony'
  | 'collect.rehearse'
  | 'collect.draftRoot'
  | 'collect.readDraft'
  | 'collect.signDraft'
  | 'collect.acceptDraft'
  | 'collect.dropDraft';

export const keyHandlers: Pick<Handlers, KeyChannel> = {
  'collect.keyStatus': (_input, { services }) => {
    const folder = services.site.getSetting('collect.keys');
    return folder === null ? null : statusOf(services, folder);
  },
  'collect.holdCeremony': (input, context) => {
    [input.folder, ...input.holders.map(({ folder }) => folder)].forEach(mustBeAbsolute);
    if (input.spare !== null) mustBeAbsolute(input.spare.folder);
    return { operationId: beginCeremony(context, input) };
  },
  'collect.rehearse': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.medium);
    const folder = services.site.getSetting('collect.keys');
    const { holder, keyId, counts, rootVersion } = await services.keyDesk.rehearse(
      input.medium,
      input.passphrase,
      folder,
    );
    context.commit({ holder: holder ?? '', key: keyId.slice(0, 16) }, () => undefined);
    return { holder, keyId, counts, rootVersion };
  },
  'collect.draftRoot': async (input, context) => {
    const { services } = context;
    const dir = keysFolder(services);
    input.addHolders.forEach(({ folder }) => mustBeAbsolute(folder));
    const { addHolders, removeHolders, threshold, renew, passphrase, allowSameDisk } = input;
    services.lease.acquire();
    const { version } = await services.keyDesk.draft({
      dir,
      change: { addHolders, removeHolders, renew, ...(threshold === null ? {} : { threshold }) },
      ...(passphrase === null ? {} : { passphrase }),
      now: services.now(),
      allowSameDisk,
    });
    const gone = [...removeHolders, ...renew.map(({ use, why }) => ({ name: use, why }))];
    return settle(context, dir, {
      root: String(version),
      added: addHolders.map(({ name }) => name).join(', '),
      gone: gone.map(({ name, why }) => `${name} (${why})`).join(', '),
    });
  },
  'collect.readDraft': (input, { services }) => {
    mustBeAbsolute(input.file);
    const { version, threshold, keys, revoked } = services.keyDesk.readDraft(input.file);
    return { version, threshold, keys: [...keys], revoked: revoked.map(describeRevoked) };
  },
  'collect.signDraft': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.medium);
    if (input.file !== null) mustBeAbsolute(input.file);
    const dir = input.file === null ? keysFolder(services) : null;
    const file = input.file ?? draftIn(services, dir ?? '');
    const { holder, version } = await services.keyDesk.sign(file, input.medium, input.passphrase);
    const isComplete = dir !== null && services.keyDesk.accept(dir, []).isComplete;
    context.commit({ root: String(version), holder: holder ?? '' }, () => undefined);
    tellCollect(services);
    return { version, holder, isComplete };
  },
  'collect.acceptDraft': (input, context) => {
    const { services } = context;
    const dir = keysFolder(services);
    input.files.forEach(mustBeAbsolute);
    services.lease.acquire();
    const { version, isComplete } = services.keyDesk.accept(dir, input.files);
    return settle(context, dir, { root: String(version), inForce: String(isComplete) });
  },
  'collect.dropDraft': (_input, context) => {
    const dir = keysFolder(context.services);
    context.services.keyDesk.drop(dir);
    return settle(context, dir, {});
  },
};

/** Each key takes a second: that is what makes guessing a passphrase dear. */
function beginCeremony(context: CallContext, input: z.output<typeof HoldCeremony>): string {
  const { services } = context;
  const { folder, passphrase, holders, threshold, spare, allowSameDisk } = input;
  services.lease.acquire();
  return services.operations.begin('collect', 'Hold a key ceremony', async (report, signal) => {
    const { fingerprint } = await services.keyDesk.holdCeremony({
      dir: folder,
      passphrase,
      holders,
      threshold,
      ...(spare === null ? {} : { spare }),
      now: services.now(),
      allowSameDisk,
      onKey: (whose, done, total) => {
        signal.throwIfAborted();
        report({ activity: `Making the key of ${whose}`, done, total });
      },
    });
    context.commit({ folder, fingerprint, holders: holders.map(({ name }) => name).join(', ') }, () =>
      services.site.putSetting('collect.keys', folder),
    );
    tellCollect(services);
    return { fingerprint };
  });
}

function settle(context: CallContext, dir: string, subject: Record<string, string>): KeyStatusView {
  context.commit(subject, () => undefined);
  tellCollect(context.services);
  return statusOf(context.services, dir);
}

function draftIn(services: Services, dir: string): string {
  const { draft } = services.keyDesk.status(dir, services.now());
  if (draft !== null) return draft.file;
  throw new ContractError('CONTRACT_NOT_FOUND', 'There is no draft of a root to sign here.', {
    hint: 'Begin a change of the keys first, or name the copy that was brought to you.',
  });
}

function statusOf(services: Services, folder: string): KeyStatusView {
  const status = services.keyDesk.status(folder, services.now());
  const { draft } = status;
  return {
    folder,
    version: status.version,
    fingerprint: status.fingerprint,
    fingerprintWords: [...status.fingerprintWords],
    expiresAt: new Date(status.expires).toISOString(),
    threshold: status.threshold,
    keys: status.keys.map(({ use, name, keyId, replaceBy }) => ({ use, name, keyId, replaceBy })),
    revoked: status.revoked.map(describeRevoked),
    draft:
      draft === null ? null : { ...draft, signedBy: [...draft.signedBy], couldSign: [...draft.couldSign] },
    advice: [...status.words],
  };
}

const describeRevoked = ({
  use,
  name,
  why,
  at,
}: KeyStatusView['revoked'][number]): KeyStatusView['revoked'][number] => ({ use, name, why, at });
