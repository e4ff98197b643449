import { useState } from 'react';
import { useStore } from 'zustand';
import type { NeedsListView, SiteRegisterView } from '../../../contract/collect.ts';
import { readBytes } from '../../../contract/sizes.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, SelectField, TextField } from '../../components/fields.tsx';
import { PathField } from '../../components/path-field.tsx';
import { countOf } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';

/** What a build is asked for, beside the lists it is for. */
export interface BuildOrder {
  readonly folder: string;
  readonly passphrase: string;
  readonly full: boolean;
  readonly site: string | null;
  readonly stream: string | null;
  readonly volumeBytes: number | null;
  readonly partBytes: number | null;
}

const NO_REGISTER = '';
/** No site has a name with a blank. */
const NEW_SITE = 'a new site';
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const STREAM = /^[a-z0-9][a-z0-9-]{0,31}$/;

interface Written {
  readonly folder: string;
  readonly passphrase: string;
  readonly full: boolean;
  readonly register: string;
  readonly newSite: string;
  readonly stream: string;
  readonly medium: string;
  readonly part: string;
}

const EMPTY: Written = {
  folder: '',
  passphrase: '',
  full: false,
  register: NO_REGISTER,
  newSite: '',
  stream: '',
  medium: '',
  part: '',
};

/** @returns `null` while something is missing or wrong */
function orderOf(written: Written): BuildOrder | null {
  const { folder, passphrase, full, register, newSite, stream, medium, part } = written;
  const [volumeBytes, partBytes] = [sizeIn(medium), sizeIn(part)];
  const site = register === NEW_SITE ? newSite.trim() : register;
  const wrong =
    folder.trim() === '' ||
    passphrase === '' ||
    (register === NEW_SITE && !NAME.test(site)) ||
    (stream !== '' && !STREAM.test(stream)) ||
    (medium.trim() !== '' && volumeBytes === null) ||
    (part.trim() !== '' && partBytes === null);
  if (wrong) return null;
  return {
    folder: folder.trim(),
    passphrase,
    full,
    site: site === '' ? null : site,
    stream: stream === '' ? null : stream,
    volumeBytes,
    partBytes,
  };
}

const describeList = (list: NeedsListView): string =>
  [
    ...list.platforms.map(
      ({ distribution, codename, architecture, packages }) =>
        `${capitalise(distribution)} ${codename} ${architecture}, ${list.kind === 'baseline' ? 'everything' : countOf(packages, 'package')}`,
    ),
    ...list.windows.map(({ build, architecture }) => `Windows ${build} ${architecture}`),
  ].join('; ');

/** Asks for whom, how much, onto what, and for the passphrase. */
export function BuildForm(props: {
  readonly needs: readonly NeedsListView[];
  readonly lists: readonly NeedsListView[];
  readonly onBuild: (order: BuildOrder) => Promise<void>;
  readonly onCancel: () => void;
}) {
  const { collect } = useApplication();
  const [written, setWritten] = useState<Written>(EMPTY);
  const [busy, setBusy] = useState(false);
  const put = (change: Partial<Written>): void => setWritten((before) => ({ ...before, ...change }));
  const order = orderOf(written);
  const ready = props.lists.length > 0 && order !== null;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready || busy) return;
        setBusy(true);
        void props.onBuild(order).finally(() => setBusy(false));
      }}
    >
      <fieldset>
        <legend>For whom</legend>
        {props.needs.map((list) => (
          <CheckboxField
            key={list.id}
            label={list.name}
            hint={describeList(list)}
            checked={props.lists.includes(list)}
            onChange={(on) => collect.getState().choose(list.id, on)}
          />
        ))}
      </fieldset>
      <HowMuch written={written} put={put} lists={props.lists} />
      <fieldset>
        <legend>Onto what</legend>
        <PathField
          label="Folder to write to"
          hint="New or empty: a bundle may have nothing else beside it."
          value={written.folder}
          onChange={(folder) => put({ folder })}
          pick={() => collect.getState().pickFolder('Folder for the bundle')}
          placeholder="/media/usb/bundle"
        />
        <div className="form-row">
          <TextField
            label="Size of each medium"
            hint="As printed on it. Left empty: one, of any size."
            value={written.medium}
            onChange={(medium) => put({ medium })}
            error={sizeProblem(written.medium)}
            placeholder="32 GB"
          />
          <TextField
            label="Cut files larger than"
            hint="Left empty: 1 GiB, which every file system takes."
            value={written.part}
            onChange={(part) => put({ part })}
            error={sizeProblem(written.part)}
            placeholder="1 GiB"
          />
        </div>
      </fieldset>
      <TextField
        label="Passphrase of the signing keys"
        type="password"
        value={written.passphrase}
        onChange={(passphrase) => put({ passphrase })}
        autoComplete="current-password"
      />
      <div className="form-foot form-foot-start">
        <Button onPress={props.onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={busy}>
          Build it
        </Button>
      </div>
    </form>
  );
}

/** Bytes; a medium or a part of none is no size either. */
const sizeIn = (text: string): number | null => readBytes(text) || null;

const sizeProblem = (text: string): string | null =>
  text.trim() === '' || sizeIn(text) !== null ? null : 'Write 32 GB or 700 MiB.';

/** A full bundle or what is missing: as the lists say, or as the register of the site does. */
function HowMuch(props: {
  readonly written: Written;
  readonly put: (change: Partial<Written>) => void;
  readonly lists: readonly NeedsListView[];
}) {
  const { collect } = useApplication();
  const registers = useStore(collect, (state) => state.register.value) ?? [];
  const { written, put } = props;
  const given = registers.find(({ site }) => site === written.register);
  const said = props.lists.some((list) => list.holdings !== null);
  const holds = said || given !== undefined;
  return (
    <fieldset>
      <legend>How much</legend>
      <SelectField
        label="Register of the site"
        hint="For a site that lets nothing out: keeps what it was given, and leaves that out the next time."
        value={written.register}
        onChange={(register) => put({ register })}
        choices={[
          { value: NO_REGISTER, label: 'None' },
          ...registers.map((register) => ({
            value: register.site,
            label: register.site,
            hint: describeRegister(register),
          })),
          { value: NEW_SITE, label: 'A new site', hint: 'Its first bundle is a full one.' },
        ]}
      />
      {written.register === NEW_SITE && (
        <TextField
          label="Name in the register"
          hint="Lower-case letters, digits and hyphens."
          value={written.newSite}
          onChange={(newSite) => put({ newSite })}
          error={written.newSite === '' || NAME.test(written.newSite) ? null : 'This can be no name.'}
          mono
        />
      )}
      <CheckboxField
        label="Everything, also what the sites have"
        hint={
          said
            ? 'Else only what these sites lack. Take everything for a site that lost its content.'
            : given !== undefined
              ? 'Else only what the register does not have. Take everything for a site that lost its content.'
              : 'Neither these lists nor a register say what the sites have, so nothing can be left out.'
        }
        checked={written.full || !holds}
        disabled={!holds}
        onChange={(full) => put({ full })}
      />
      <TextField
        label="Stream"
        hint="Sequence of bundles that it belongs to. Left empty: that of the needs-list, else main."
        value={written.stream}
        onChange={(stream) => put({ stream })}
        error={
          written.stream === '' || STREAM.test(written.stream)
            ? null
            : 'Lower-case letters, digits and hyphens.'
        }
        mono
        placeholder="main"
      />
    </fieldset>
  );
}

function describeRegister({ bundles }: SiteRegisterView): string {
  const [newest] = bundles;
  return newest === undefined
    ? 'Everything was taken back.'
    : `Given ${countOf(bundles.length, 'bundle')}, the newest ${newest.stream} ${newest.seq}.`;
}
