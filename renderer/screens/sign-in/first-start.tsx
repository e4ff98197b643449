import { useState } from 'react';
import type { Role, Workspace } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, RadioField, SelectField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { ROLE_ORDER, ROLE_WORDS, WORKSPACE_ORDER, WORKSPACE_WORDS } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { Welcome } from './welcome.tsx';

const MARKINGS = ['OFFICIAL', 'OFFICIAL-SENSITIVE', 'SECRET', 'TOP SECRET'] as const;
const SHORTEST_PASSPHRASE = 12;

/** Asks three things: what the site is called, how it is marked, and who begins. */
export function FirstStart() {
  const { session } = useApplication();
  const [name, setName] = useState('');
  const [workspace, setWorkspace] = useState<Workspace>('operate');
  const [marking, setMarking] = useState<(typeof MARKINGS)[number]>('OFFICIAL');
  const [person, setPerson] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['engineer', 'service-manager']);
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const create = useAction(() =>
    session.getState().createSite({
      name: name.trim(),
      marking,
      workspace,
      person: { name: person.trim(), roles: [...roles], passphrase },
    }),
  );
  const review = useAction(() => session.getState().beginReview());
  const short = passphrase !== '' && passphrase.length < SHORTEST_PASSPHRASE;
  const differs = again !== '' && again !== passphrase;
  const ready =
    name.trim() !== '' &&
    person.trim() !== '' &&
    roles.length > 0 &&
    passphrase.length >= SHORTEST_PASSPHRASE &&
    again === passphrase;
  return (
    <Welcome
      marking={marking}
      title="Begin a site"
      lead="A site is one network with no way out, the endpoints on it and the people who look after them. Everything stays on this machine."
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (workspace === 'review') void review.run();
          else if (ready) void create.run();
        }}
      >
        <fieldset>
          <legend>
            <span className="step-number">1</span>The site
          </legend>
          <RadioField
            label="What this machine is for"
            value={workspace}
            onChange={setWorkspace}
            choices={WORKSPACE_ORDER.map((value) => ({
              value,
              label: WORKSPACE_WORDS[value].word,
              hint: WORKSPACE_WORDS[value].means,
            }))}
          />
          {workspace !== 'review' && (
            <div className="form-row form-row-site">
              <TextField label="Name of the site" value={name} onChange={setName} required autoFocus />
              <SelectField
                label="Protective marking"
                value={marking}
                onChange={setMarking}
                choices={MARKINGS.map((value) => ({ value, label: value }))}
              />
            </div>
          )}
        </fieldset>
        {workspace !== 'review' && (
          <>
            <fieldset>
              <legend>
                <span className="step-number">2</span>You
              </legend>
              <TextField label="Your name" value={person} onChange={setPerson} required autoComplete="name" />
              <div className="field">
                <span className="label" id="roles-label">
                  What you do here
                </span>
                <div className="role-choices" role="group" aria-labelledby="roles-label">
                  {ROLE_ORDER.map((role) => (
                    <CheckboxField
                      key={role}
                      label={ROLE_WORDS[role].word}
                      hint={ROLE_WORDS[role].may}
                      checked={roles.includes(role)}
                      onChange={(on) =>
                        setRoles((before) =>
                          on ? [...before, role] : before.filter((other) => other !== role),
                        )
                      }
                    />
                  ))}
                </div>
              </div>
            </fieldset>
            <fieldset>
              <legend>
                <span className="step-number">3</span>Your passphrase
              </legend>
              <p className="field-hint">
                It opens the vault and signs your decisions. Nobody can bring it back for you, so keep it
                where your site keeps such things.
              </p>
              <div className="form-row">
                <TextField
                  label="Passphrase"
                  type="password"
                  value={passphrase}
                  onChange={setPassphrase}
                  required
                  autoComplete="new-password"
                  error={short ? `At least ${SHORTEST_PASSPHRASE} characters.` : null}
                />
                <TextField
                  label="The same again"
                  type="password"
                  value={again}
                  onChange={setAgain}
                  required
                  autoComplete="new-password"
                  error={differs ? 'The two differ.' : null}
                />
              </div>
            </fieldset>
          </>
        )}
        {review.failure !== null && <FailureNote failure={review.failure} what="Review was not begun" />}
        {create.failure !== null && <FailureNote failure={create.failure} what="The site was not made" />}
        <div className="form-foot">
          <Button
            kind="primary"
            type="submit"
            disabled={workspace !== 'review' && !ready}
            busy={create.busy || review.busy}
          >
            Begin
          </Button>
        </div>
      </form>
    </Welcome>
  );
}
