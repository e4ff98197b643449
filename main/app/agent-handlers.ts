import type { OutputOf } from '../../contract/channels.ts';
import { ContractError } from '../../contract/errors.ts';
import { newestAgent } from '../core/bundle/agents.ts';
import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

export const agentHandlers: Pick<Handlers, 'agents.list' | 'agents.pin'> = {
  'agents.list': (_input, { services }) => presentAgents(services),
  'agents.pin': ({ version, pinned }, context) => {
    const { services } = context;
    if (!services.agents.list().some((agent) => agent.version === version && agent.isHeld)) {
      throw new ContractError('CONTRACT_NOT_FOUND', `This site holds no version ${version} of the agent.`, {
        hint: '`sallyport agent list` shows those that it holds.',
      });
    }
    context.commit({ version, pinned: String(pinned) }, () => {
      services.agents.setPinned(version, pinned ? { by: context.person().name, at: services.now() } : null);
    });
    services.publish({ kind: 'changed', area: 'catalogue', id: null });
    return presentAgents(services);
  },
};

function presentAgents(services: Services): OutputOf<'agents.list'> {
  const agents = services.agents.list();
  const newest = newestAgent(agents);
  return agents.map(({ isHeld, ...agent }) => ({
    ...agent,
    held: isHeld,
    newest: agent.version === newest?.version,
  }));
}
