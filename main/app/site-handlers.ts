import { ContractError, PolicyError } from '../../contract/errors.ts';
import type { Role, Workspace } from '../../contract/vocabulary.ts';
import { requireNewPerson } from '../core/raci/roles.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import type { Handlers } from './dispatch.ts';
import { presentPerson, roleHolder } from './person-handlers.ts';
import type { CallContext, Services } from './services.ts';
import { isSingleOperator } from './single-operator.ts';
import { ENGINE_VERSION } from './version.ts';

type SiteHandlers = Pick<
  Handlers,
  | 'site.get'
  | 'site.create'
  | 'site.beginReview'
  | 'site.setWorkspace'
  | 'session.signIn'
  | 'session.signOut'
  | 'persons.list'
  | 'persons.add'
  | 'audit.list'
  | 'audit.verify'
  | 'incidents.list'
  | 'operations.list'
  | 'operations.wait'
  | 'operations.cancel'
>;

async function siteView({ services, session }: CallContext): ReturnType<typeof viewOf> {
  return viewOf(services, session.person);
}

async function viewOf(services: Services, signedIn: PersonRow | null) {
  const { site, vault, keyring, catalogue } = services;
  const id = site.getSetting('site.id');
  const persons = site.listPersons();
  const bundles = catalogue.listBundles();
  return {
    site:
      id === null
        ? null
        : {
            id,
            name: site.getSetting('site.name') ?? '',
            marking: site.getSetting('site.marking') ?? '',
            workspace: services.workspace(),
            createdAt: site.getSetting('site.createdAt') ?? services.startedAt,
            // Review has no persons of its own.
            singleOperator: services.workspace() !== 'review' && isSingleOperator(services),
            simulated: site.getSetting('site.simulated') === 'yes',
          },
    signedIn: signedIn === null ? null : presentPerson(services, signedIn),
    vault:
      id === null || services.workspace() === 'review'
        ? ('absent' as const)
        : vault.isOpen
          ? ('unlocked' as const)
          : ('locked' as const),
    keyring:
      site.getSetting('vault.keyring') !== null && (await keyring.isAvailable())
        ? ('in-use' as const)
        : (await keyring.isAvailable())
          ? ('available' as const)
          : ('unavailable' as const),
    engine: {
      version: ENGINE_VERSION,
      startedAt: services.startedAt,
      memoryBytes: process.memoryUsage().rss,
      node: process.version,
    },
    persons: persons
      .filter((person) => person.keyslot !== '')
      .map(({ id: personId, name, roles }) => ({ id: personId, name, roles: [...roles] })),
    catalogue: {
      bundles: bundles.length,
      newestBundleAt:
        bundles
          .map((bundle) => bundle.createdAt)
          .toSorted()
          .at(-1) ?? null,
      patches: catalogue.countPatches(),
    },
  };
}

/** @param addedBy `null`: the person begins the site and chose the passphrase */
async function addPerson(
  context: CallContext,
  input: { name: string; roles: readonly Role[]; passphrase: string },
  addedBy: string | null,
  alongside: () => void,
): Promise<PersonRow> {
  const { services } = context;
  if (services.site.findPerson(input.name) !== undefined) {
    throw new ContractError('CONTRACT_CONFLICT', `There is a person called ${input.name} already.`, {
      hint: 'Choose another name.',
    });
  }
  const keys = await services.vault.addKeyslot(input.passphrase);
  const id = services.newId();
  const person: PersonRow = {
    id,
    name: input.name,
    roles: [...new Set(input.roles)],
    publicKey: keys.publicKey,
    keyFingerprint: keys.fingerprint,
    keyslot: keys.keyslot,
    createdAt: services.now(),
    ...{ addedBy: addedBy ?? id, passphraseBy: addedBy ?? id, endedAt: null },
  };
  context.commit({ person: person.name, roles: person.roles.join(' '), key: keys.fingerprint }, () => {
    alongside();
    services.site.insertPerson(person);
  });
  services.publish({ kind: 'changed', area: 'site', id: null });
  return person;
}

async function signIn(context: CallContext, name: string, passphrase: string): Promise<PersonRow> {
  const { services, session } = context;
  const person = services.site.findPerson(name);
  if (person === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', `Nobody here is called ${name}.`, {
      hint: 'Look at the list of persons.',
    });
  }
  if (person.keyslot === '') {
    if (person.roles.length === 0) {
      throw new ContractError('CONTRACT_FORBIDDEN', `The access of ${person.name} has ended.`, {
        hint: 'Ask a service manager.',
      });
    }
    throw new ContractError(
      'CONTRACT_FORBIDDEN',
      `${person.name} signs decisions elsewhere and cannot sign in here.`,
      {
        hint: 'Their decisions come in as files.',
      },
    );
  }
  session.signer = await services.vault.open(person.keyslot, passphrase);
  session.person = person;
  await rememberInKeyring(services);
  if (services.lease.isHeld) services.resumeRuns();
  services.publish({ kind: 'changed', area: 'site', id: null });
  return person;
}

async function rememberInKeyring({ site, keyring, vault }: Services): Promise<void> {
  if (site.getSetting('vault.keyring') !== null || !(await keyring.isAvailable())) return;
  const wrapped = await keyring.wrap(vault.exportKey());
  site.putSetting('vault.keyring', Buffer.from(wrapped).toString('base64'));
}

/** @throws ContractError CONTRACT_CONFLICT */
function refuseSecondSite({ site }: Services): void {
  if (site.getSetting('site.id') === null) return;
  throw new ContractError('CONTRACT_CONFLICT', 'This folder holds a site already.', {
    hint: 'Choose another data folder for another site.',
  });
}

/** @throws PolicyError POLICY_WORKSPACE_IN_USE */
function refuseToMix(services: Services, workspace: Workspace): void {
  const { endpoints, operations } = services;
  // Review has no accounts: whoever turned a site into it, or out of it, would have gone around them.
  if (workspace === 'review' || services.workspace() === 'review') {
    throw new PolicyError('POLICY_WORKSPACE_IN_USE', 'Review has a data folder of its own.', {
      hint: 'Begin it with another data folder, on the machine of whoever decides.',
    });
  }
  if (workspace === 'collect' && endpoints.list().length + endpoints.listHypervisors().length > 0) {
    throw new PolicyError(
      'POLICY_WORKSPACE_IN_USE',
      'This site looks after endpoints: it opens no connection but to these.',
      { hint: 'Begin another site for Collect, on a machine that reaches the mirrors.' },
    );
  }
  if (operations.list().some(({ status }) => status === 'running')) {
    throw new PolicyError('POLICY_WORKSPACE_IN_USE', 'Work is under way in this workspace.', {
      hint: 'Wait for it, or cancel it.',
      retry: 'same',
    });
  }
}

export const siteHandlers: SiteHandlers = {
  'site.get': (_input, context) => siteView(context),
  'site.create': async (input, context) => {
    const { services } = context;
    refuseSecondSite(services);
    if (input.workspace === 'review') {
      throw new ContractError('CONTRACT_INPUT_INVALID', 'Review has no accounts.', {
        hint: 'Choose Review at the first start of the window; on the command line `review show` and `review decide` need no site.',
      });
    }
    services.vault.create();
    try {
      const person = await addPerson(context, input.person, null, () => {
        services.site.putSetting('site.id', services.newId());
        services.site.putSetting('site.name', input.name);
        services.site.putSetting('site.marking', input.marking);
        services.site.putSetting('site.workspace', input.workspace);
        services.site.putSetting('site.createdAt', services.now());
        services.site.putSetting('site.simulated', input.simulated ? 'yes' : 'no');
      });
      context.session.signer = await services.vault.open(person.keyslot, input.person.passphrase);
      context.session.person = person;
    } catch (error) {
      if (services.site.getSetting('site.id') === null) services.vault.lock();
      throw error;
    }
    await rememberInKeyring(services);
    return siteView(context);
  },
  'site.beginReview': async (input, context) => {
    const { services } = context;
    refuseSecondSite(services);
    services.lease.acquire();
    context.commit({ workspace: 'review' }, () => {
      services.site.putSetting('site.id', services.newId());
      services.site.putSetting('site.name', input.name);
      // The packs bring the markings of their sites.
      services.site.putSetting('site.marking', '');
      services.site.putSetting('site.workspace', 'review');
      services.site.putSetting('site.createdAt', services.now());
      services.site.putSetting('site.simulated', 'no');
    });
    services.publish({ kind: 'changed', area: 'site', id: null });
    return siteView(context);
  },
  'site.setWorkspace': (input, context) => {
    const { services } = context;
    // No other process may be at work meanwhile: it would go on in the workspace that it began in.
    services.lease.acquire();
    refuseToMix(services, input.workspace);
    context.commit({ workspace: input.workspace }, () =>
      services.site.putSetting('site.workspace', input.workspace),
    );
    services.publish({ kind: 'changed', area: 'site', id: null });
    return siteView(context);
  },
  'session.signIn': async (input, context) =>
    presentPerson(context.services, await signIn(context, input.person, input.passphrase)),
  'session.signOut': (_input, { session, services }) => {
    session.person = null;
    session.signer = null;
    services.publish({ kind: 'changed', area: 'site', id: null });
    return {};
  },
  'persons.list': (_input, { services }) =>
    services.site.listPersons().map((row) => presentPerson(services, row)),
  'persons.add': async (input, context) =>
    presentPerson(
      context.services,
      await addPerson(context, input, context.person().id, () =>
        requireNewPerson(
          roleHolder(context.person()),
          input.roles,
          context.services.site.listPersons().map(roleHolder),
        ),
      ),
    ),

  'audit.list': (input, { services }) =>
    services.audit.list(input.afterSeq, input.limit).map((row) => ({ ...row, subject: { ...row.subject } })),
  'audit.verify': (_input, { services }) => {
    const { entries, firstBroken } = services.audit.verify();
    return { entries, intact: firstBroken === null, firstBroken };
  },
  'incidents.list': (_input, { services }) =>
    services.snapshots.listIncidents().map((row) => ({
      ...row,
      evidence: row.evidence.map((item) => ({ ...item })),
      endpointName: row.endpointId === null ? null : (services.endpoints.get(row.endpointId)?.name ?? null),
    })),
  'operations.list': (_input, { services }) => [...services.operations.list()],
  'operations.wait': async (input, { services }) => {
    const { operation, result } = await services.operations.wait(input.id);
    return { operation, result: { ...result } };
  },
  'operations.cancel': (input, { services }) => services.operations.cancel(input.id),
};
