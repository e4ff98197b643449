import type { EndpointSummary } from '../../../contract/endpoints.ts';
import { Facts } from '../../components/facts.tsx';
import { HostKeyPinning } from '../../components/host-key-pinning.tsx';
import { useApplication } from '../../stores/context.tsx';

export function Access(props: { readonly endpoint: EndpointSummary; readonly mayPin: boolean }) {
  const { endpoints } = useApplication();
  const { endpoint } = props;
  return (
    <div className="scroll">
      <Facts
        facts={[
          { label: 'Address', value: `${endpoint.address}, port ${endpoint.port}` },
          { label: 'User', value: endpoint.user },
          { label: 'Credential', value: 'Sealed in the vault. It never comes back to this window.' },
        ]}
      />
      <HostKeyPinning
        what={endpoint.name}
        pinned={endpoint.hostKey}
        mayPin={props.mayPin}
        onRead={() => endpoints.getState().readHostKey(endpoint.id)}
        onPin={(hostKey) => endpoints.getState().pinHostKey(endpoint.id, hostKey)}
      />
    </div>
  );
}
