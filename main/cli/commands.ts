import type { ChannelName } from '../../contract/channels.ts';
import type { CommandSpec } from './command.ts';
import { agentCommands } from './commands/agent.ts';
import { approvalCommands } from './commands/approval.ts';
import { auditCommands } from './commands/audit.ts';
import { bundleCommands } from './commands/bundle.ts';
import { catalogueRiskCommands } from './commands/catalogue-risk.ts';
import { catalogueCommands } from './commands/catalogue.ts';
import { clocksCommands } from './commands/clocks.ts';
import { endpointCommands } from './commands/endpoint.ts';
import { findingCommands } from './commands/finding.ts';
import { hypervisorCommands } from './commands/hypervisor.ts';
import { incidentCommands } from './commands/incident.ts';
import { keysCommands } from './commands/keys.ts';
import { needsListCommands } from './commands/needs-list.ts';
import { noticeCommands } from './commands/notice.ts';
import { personCommands } from './commands/person.ts';
import { planCommands } from './commands/plan.ts';
import { policyCommands } from './commands/policy.ts';
import { raciCommands } from './commands/raci.ts';
import { reviewCommands } from './commands/review.ts';
import { queueCommands } from './commands/queue.ts';
import { reviewerCommands } from './commands/reviewer.ts';
import { runCommands } from './commands/run.ts';
import { siteCommands } from './commands/site.ts';
import { snapshotCommands } from './commands/snapshot.ts';
import { trustCommands } from './commands/trust.ts';
import { vendorKeyCommands } from './commands/vendor-key.ts';

/** Every command of `sallyport`. */
export const COMMANDS: readonly CommandSpec[] = [
  ...siteCommands,
  ...personCommands,
  ...raciCommands,
  ...noticeCommands,
  ...hypervisorCommands,
  ...endpointCommands,
  ...findingCommands,
  ...needsListCommands,
  ...keysCommands,
  ...bundleCommands,
  ...trustCommands,
  ...vendorKeyCommands,
  ...agentCommands,
  ...catalogueCommands,
  ...catalogueRiskCommands,
  ...clocksCommands,
  ...planCommands,
  ...approvalCommands,
  ...reviewerCommands,
  ...reviewCommands,
  ...policyCommands,
  ...queueCommands,
  ...runCommands,
  ...snapshotCommands,
  ...incidentCommands,
  ...auditCommands,
];

/** Channels that no single command stands for, and why. Used by the command line all the same, unless it says so. */
export const CHANNELS_WITHOUT_COMMAND: Readonly<Partial<Record<ChannelName, string>>> = {
  'session.signIn': 'every command signs in by itself: --as PERSON',
  'session.signOut': 'a session ends with its command',
  'collect.get': '`keys` and `bundle build` take the folder of the keys and the mirrors as they are called',
  'collect.createKeys': '`keys create` makes the same keys and needs no site',
  'collect.useKeys': '`bundle build --keys` names the folder',
  'collect.setSources': '`bundle build` takes each source as an option',
  'collect.needs': '`bundle build --needs` takes the files themselves',
  'collect.openNeeds': '`bundle build --needs` takes the files themselves',
  'collect.dropNeeds': '`bundle build --needs` takes the files themselves',
  'collect.keyStatus': '`keys status` reads the folder of the keys and needs no site',
  'collect.holdCeremony': '`keys ceremony` does the same and needs no site',
  'collect.rehearse': '`keys rehearse` does the same and needs no site',
  'collect.draftRoot': '`keys rotate` and `keys revoke` do the same and need no site',
  'collect.readDraft': '`keys sign-root` shows the draft before it asks',
  'collect.signDraft': '`keys sign-root` does the same and needs no site',
  'collect.acceptDraft': '`keys accept-root` does the same and needs no site',
  'collect.dropDraft': 'on the command line the file of the draft is deleted',
  'collect.register': '`bundle register` reads the folder of the keys and needs no site',
  'collect.takeBack': '`bundle register --take-back` does the same and needs no site',
  'collect.writeToMedium':
    '`bundle build` writes to the medium itself; a finished folder is copied as any other',
  'collect.build': '`bundle build` builds with the same builder and needs no site',
  'site.beginReview':
    'the desk is for a window; `review show` and `review decide` need no data folder at all',
  'packs.list': '`review show` reads the pack itself',
  'packs.open': '`review show` reads the pack itself',
  'packs.sheet': '`review show` reads the pack itself',
  'packs.silence': '`review decide` says which patches are undecided',
  'queue.carried': '`queue show` shows what is drafted on the new list',
  'queue.silence': '`queue decide` says how many patches are undecided',
  'packs.patch': '`review show` reads the pack itself',
  'packs.draft': '`review decide` takes every decision as an option',
  'packs.trustSite': '`review decide --site` names the key of the site each time',
  'packs.export': '`review decide` signs and writes the same file',
  'packs.media': 'a path says where the file is',
  'myKey.get': '`review create-key` shows what the site has to enrol',
  'myKey.create': '`review create-key` makes the same file',
  'myKey.rotate': '`review create-key` makes another file',
  'myKey.import': '`review decide --key-file` names the file',
  'statements.sites': '`policy draft` and the other drafts name the site and the group as options',
  'statements.list': 'on the command line the signed files themselves are kept',
  'statements.readKey': '`delegation sign --to` takes the digits',
  'statements.signPolicy': '`policy draft` and `policy sign` make the same file and need no data folder',
  'statements.signDelegation': '`delegation sign` makes the same file and needs no data folder',
  'statements.signEmergency':
    '`emergency draft` and `emergency sign` make the same file and need no data folder',
  'statements.write': 'on the command line a signed file is copied as any other',
  'myKey.changePassphrase': '`review change-passphrase` does the same with the file',
  'myKey.export': 'the key is a file, which is copied as any other',
  'myKey.saveEnrolment': '`review enrolment-sheet` writes the same files',
  'operations.list':
    'an operation lives in the engine that started it, and here that is the command itself, which shows its progress',
};
