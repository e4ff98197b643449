import { useState } from 'react';
import { useStore } from 'zustand';
import type { InputOf } from '../../../contract/channels.ts';
import type { SnapshotMode } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, RadioField, SelectField, TextField } from '../../components/fields.tsx';
import { Panel } from '../../components/layout.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { EMPTY_LOGIN, LoginFields, readLogin, type LoginDraft } from '../../components/login-fields.tsx';
import { useAction } from '../../components/use-action.ts';
import { REBOOT_POLICY_WORDS, SNAPSHOT_MODE_WORDS } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';

const NO_HYPERVISOR = 'none';
const MODES: readonly SnapshotMode[] = ['hard', 'soft', 'disabled'];
type RebootPolicy = keyof typeof REBOOT_POLICY_WORDS;

/** In the side panel, so that the list stays in sight. */
export function AddEndpoint() {
  const { endpoints, navigation, records } = useApplication();
  const hypervisors = useStore(records, (state) => state.hypervisors.value) ?? [];
  const groups = useStore(endpoints, (state) => state.list.value)?.map((row) => row.group) ?? [];
  const [name, setName] = useState('');
  const [group, setGroup] = useState('');
  const [address, setAddress] = useState('');
  const [port, setPort] = useState('22');
  const [login, setLogin] = useState<LoginDraft>(EMPTY_LOGIN);
  const [hypervisorId, setHypervisorId] = useState(NO_HYPERVISOR);
  const [vm, setVm] = useState('');
  const [snapshotMode, setSnapshotMode] = useState<SnapshotMode>('hard');
  const [restoreOnFailure, setRestoreOnFailure] = useState(true);
  const [rebootPolicy, setRebootPolicy] = useState<RebootPolicy>('if-required');
  const [healthCheck, setHealthCheck] = useState('');
  const { openObject, openSection } = navigation.getState();
  const add = useAction((input: InputOf<'endpoints.add'>) => endpoints.getState().add(input));
  const credentials = readLogin(login);
  const portNumber = Number(port);
  const portFits = Number.isInteger(portNumber) && portNumber > 0 && portNumber < 65_536;
  const ready = name.trim() !== '' && address.trim() !== '' && portFits && credentials !== null;

  const submit = async (): Promise<void> => {
    if (!ready || credentials === null) return;
    const argv = healthCheck.trim().split(/\s+/).filter(Boolean);
    const added = await add.run({
      name: name.trim(),
      group: group.trim() === '' ? 'Ungrouped' : group.trim(),
      address: address.trim(),
      port: portNumber,
      ...credentials,
      hypervisorId: hypervisorId === NO_HYPERVISOR ? null : hypervisorId,
      vm: hypervisorId === NO_HYPERVISOR || vm.trim() === '' ? null : vm.trim(),
      snapshotMode,
      restoreOnFailure,
      rebootPolicy,
      healthChecks: argv.length === 0 ? [] : [{ name: 'Health check', argv }],
    });
    if (added === null) return;
    openObject('endpoints', added.id);
    openSection('endpoints', 'access');
  };

  return (
    <Panel
      label="Add an endpoint"
      title="Add an endpoint"
      onClose={() => openSection('endpoints', 'findings')}
    >
      <form
        className="scroll form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="form-row">
          <TextField label="Name" value={name} onChange={setName} required autoFocus />
          <TextField
            label="Group"
            value={group}
            onChange={setGroup}
            placeholder={[...new Set(groups)].slice(0, 3).join(', ')}
          />
        </div>
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
        <fieldset>
          <legend>When it is patched</legend>
          <SelectField
            label="Hypervisor"
            value={hypervisorId}
            onChange={setHypervisorId}
            choices={[
              { value: NO_HYPERVISOR, label: 'None' },
              ...hypervisors.map((hypervisor) => ({ value: hypervisor.id, label: hypervisor.name })),
            ]}
            {...(hypervisors.length === 0 ? { hint: 'Add one in the settings to take snapshots.' } : {})}
          />
          {hypervisorId !== NO_HYPERVISOR && (
            <TextField label="Name of its disk there" value={vm} onChange={setVm} mono required />
          )}
          <RadioField
            label="Snapshot before the install"
            value={snapshotMode}
            onChange={setSnapshotMode}
            choices={MODES.map((mode) => ({
              value: mode,
              label: SNAPSHOT_MODE_WORDS[mode].word,
              hint: SNAPSHOT_MODE_WORDS[mode].means,
            }))}
          />
          <CheckboxField
            label="Restore by itself when something goes wrong"
            checked={restoreOnFailure}
            onChange={setRestoreOnFailure}
          />
          <SelectField
            label="Reboot"
            value={rebootPolicy}
            onChange={setRebootPolicy}
            choices={(Object.keys(REBOOT_POLICY_WORDS) as RebootPolicy[]).map((value) => ({
              value,
              label: REBOOT_POLICY_WORDS[value],
            }))}
          />
          <TextField
            label="Health check"
            hint="A command that ends with 0 when the service is well. Left empty: none."
            placeholder="systemctl is-active nginx"
            value={healthCheck}
            onChange={setHealthCheck}
            mono
          />
        </fieldset>
        {add.failure !== null && <FailureNote failure={add.failure} what="The endpoint was not added" />}
        <div className="form-foot">
          <Button onPress={() => openSection('endpoints', 'findings')}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={!ready} busy={add.busy}>
            Add it and compare its key
          </Button>
        </div>
      </form>
    </Panel>
  );
}
