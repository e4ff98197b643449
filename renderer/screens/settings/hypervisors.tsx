import { HardDrive, Plus } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { InputOf } from '../../../contract/channels.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { HostKeyPinning } from '../../components/host-key-pinning.tsx';
import { EMPTY_LOGIN, LoginFields, readLogin } from '../../components/login-fields.tsx';
import { Empty, FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';

export function Hypervisors() {
  const { records, session } = useApplication();
  const hypervisors = useStore(records, (state) => state.hypervisors);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const [adding, setAdding] = useState(false);
  const list = hypervisors.value ?? [];
  return (
    <div className="scroll settings">
      {hypervisors.failure !== null && (
        <FailureNote failure={hypervisors.failure} what="The hypervisors could not be read" />
      )}
      {list.length === 0 && !adding && (
        <Empty
          icon={HardDrive}
          title="No hypervisor yet"
          action={
            isEngineer && (
              <Button kind="primary" icon={Plus} onPress={() => setAdding(true)}>
                Add a hypervisor
              </Button>
            )
          }
        >
          <p>
            It takes the snapshots of endpoints, and takes them back. Without one only mode disabled can run.
          </p>
        </Empty>
      )}
      {list.map((hypervisor) => (
        <section key={hypervisor.id} className="card">
          <h2>{hypervisor.name}</h2>
          <Facts
            facts={[
              { label: 'Kind', value: hypervisor.kind },
              { label: 'Address', value: `${hypervisor.address}, port ${hypervisor.port}` },
              { label: 'User', value: hypervisor.user },
            ]}
          />
          <HostKeyPinning
            what={hypervisor.name}
            pinned={hypervisor.hostKey}
            mayPin={isEngineer}
            onRead={() => records.getState().readHypervisorKey(hypervisor.id)}
            onPin={(hostKey) => records.getState().pinHypervisorKey(hypervisor.id, hostKey)}
          />
        </section>
      ))}
      {list.length > 0 && isEngineer && !adding && (
        <div>
          <Button icon={Plus} onPress={() => setAdding(true)}>
            Add a hypervisor
          </Button>
        </div>
      )}
      {adding && <AddHypervisor onDone={() => setAdding(false)} />}
    </div>
  );
}

function AddHypervisor(props: { readonly onDone: () => void }) {
  const { records } = useApplication();
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [port, setPort] = useState('22');
  const [login, setLogin] = useState(EMPTY_LOGIN);
  const [disksRoot, setDisksRoot] = useState('');
  const [snapshotsRoot, setSnapshotsRoot] = useState('');
  const [powerCommand, setPowerCommand] = useState('');
  const add = useAction((input: InputOf<'hypervisors.add'>) => records.getState().addHypervisor(input));
  const credentials = readLogin(login);
  const portNumber = Number(port);
  const portFits = Number.isInteger(portNumber) && portNumber > 0 && portNumber < 65_536;
  const paths = [disksRoot, snapshotsRoot, powerCommand];
  const ready =
    name.trim() !== '' && address.trim() !== '' && portFits && paths.every((path) => path.startsWith('/'));
  return (
    <form
      className="form card"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready || credentials === null) return;
        void add
          .run({
            name: name.trim(),
            kind: 'btrfs',
            address: address.trim(),
            port: portNumber,
            ...credentials,
            disksRoot,
            snapshotsRoot,
            powerCommand,
          })
          .then((added) => {
            if (added !== null) props.onDone();
          });
      }}
    >
      <h2>Add a hypervisor</h2>
      <p className="field-hint">A host whose disks are btrfs subvolumes.</p>
      <TextField label="Name" value={name} onChange={setName} required autoFocus />
      <div className="form-row form-row-address">
        <TextField label="Address" value={address} onChange={setAddress} required mono />
        <TextField
          label="Port"
          value={port}
          onChange={setPort}
          mono
          error={portFits ? null : 'From 1 to 65535.'}
        />
      </div>
      <LoginFields draft={login} onChange={setLogin} />
      <TextField
        label="Folder of the disks"
        value={disksRoot}
        onChange={setDisksRoot}
        required
        mono
        placeholder="/srv/disks"
      />
      <TextField
        label="Folder of the snapshots"
        value={snapshotsRoot}
        onChange={setSnapshotsRoot}
        required
        mono
        placeholder="/srv/snapshots"
      />
      <TextField
        label="Command that switches a machine on and off"
        value={powerCommand}
        onChange={setPowerCommand}
        required
        mono
        placeholder="/usr/local/sbin/vm-power"
      />
      {add.failure !== null && <FailureNote failure={add.failure} what="The hypervisor was not added" />}
      <div className="form-foot">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready || credentials === null} busy={add.busy}>
          Add
        </Button>
      </div>
    </form>
  );
}
