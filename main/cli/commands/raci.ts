import { sayNotice, sayRecipient } from '../../../contract/notice-words.ts';
import type { RaciRow, RaciView } from '../../../contract/raci.ts';
import type { Person } from '../../../contract/site.ts';
import type { Letter, Party } from '../../../contract/vocabulary.ts';
import { LETTER_CHOICES, PARTY_CHOICES, RACI_ELEMENT_CHOICES, readChoice, STEP_CHOICES } from '../choices.ts';
import { defineCommand } from '../command.ts';
import { formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { pickOne } from '../pick.ts';
import { usageError } from '../usage.ts';

const readLetters = (texts: readonly string[]): Letter[] =>
  [...new Set(texts)].map((text) => readChoice(LETTER_CHOICES, text));

type NamedPersons = RaciRow['persons'];

/** `R/A/I (Grace)`: letters of a party, with who is meant by name. */
function lettersOf(row: RaciRow, party: Party, persons: readonly Person[]): string {
  return row[party]
    .map((letter) => {
      const names = row.persons
        .filter((item) => item.party === party && item.letter === letter)
        .map(({ personId }) => persons.find(({ id }) => id === personId)?.name ?? personId);
      return names.length === 0 ? letter : `${letter} (${names.join(', ')})`;
    })
    .join('/');
}

/** @throws CONTRACT_INPUT_INVALID, CONTRACT_NOT_FOUND */
function readNamed(texts: readonly string[], persons: readonly Person[]): NamedPersons {
  return texts.map((text) => {
    const [, party = '', letter = '', name = ''] = /^(provider|customer):([RACI]):(.+)$/.exec(text) ?? [];
    if (name === '')
      throw usageError(`"${text}" names nobody.`, 'Write party:letter:person, customer:I:Grace.');
    return {
      party: readChoice(PARTY_CHOICES, party),
      letter: readChoice(LETTER_CHOICES, letter),
      personId: pickOne(persons, name, 'person').id,
    };
  });
}

export const raciCommands = [
  defineCommand({
    noun: 'raci',
    verb: 'show',
    about: 'show who does, answers for, is asked about and is told of what',
    access: 'person',
    channels: ['raci.get', 'persons.list'],
    run: async ({ client }) => {
      const matrix = await client.invoke('raci.get', {});
      const persons = await client.invoke('persons.list', {});
      const { current, withoutStep } = matrix;
      const noteOf = ({ element, note }: RaciRow): string => {
        const why = withoutStep.find((item) => item.element === element)?.why;
        return [note, why === undefined ? '' : `No step opens a notice for it yet: ${why}.`].join(' ').trim();
      };
      const table = formatTable(
        current.rows,
        [
          { title: 'ELEMENT', cell: (row) => row.element },
          { title: 'PROVIDER', cell: (row) => lettersOf(row, 'provider', persons) },
          { title: 'CUSTOMER', cell: (row) => lettersOf(row, 'customer', persons) },
          { title: 'NOTE', cell: noteOf },
        ],
        '',
      );
      const since =
        current.version === 0
          ? 'As Sallyport comes; nobody has changed it here.'
          : `Version ${current.version}, ${formatInstant(current.at)}, by ${current.by ?? '-'}: ${current.reason}`;
      const key =
        'R does the work, A has the final word, C is asked, I is told: whoever is named for it, else everybody with the role that fits.';
      return { value: matrix, text: `${table}\n\n${key}\n${since}` };
    },
  }),
  defineCommand({
    noun: 'raci',
    verb: 'set',
    about: "give an element's letters anew; those before stay in the history",
    arguments: [{ name: 'element', about: `one of ${RACI_ELEMENT_CHOICES.join(', ')}` }],
    options: [
      {
        flags: '--provider <letter>',
        about: 'R, A, C or I; may be given several times; none: no part in it',
        choices: LETTER_CHOICES,
        repeat: true,
      },
      {
        flags: '--customer <letter>',
        about: 'the same for the customer',
        choices: LETTER_CHOICES,
        repeat: true,
      },
      {
        flags: '--named <who>',
        about: 'who is meant by name, as party:letter:person (customer:I:Grace); may be given several times',
        repeat: true,
      },
      { flags: '--nobody-named', about: 'nobody by name any more; without either, who is named stays' },
      { flags: '--note <text>', about: 'what else holds; without it, the note stays' },
      { flags: '--reason <text>', about: 'why, for the history', required: true },
    ],
    access: 'person',
    channels: ['raci.get', 'persons.list', 'raci.set'],
    run: async ({ client, input }) => {
      const given = input.text('element');
      const { current } = await client.invoke('raci.get', {});
      const before = current.rows.find((row) => row.element === given);
      if (before === undefined)
        throw usageError(`There is no element "${given}".`, 'See `sallyport raci show`.');
      const provider = readLetters(input.list('provider'));
      const customer = readLetters(input.list('customer'));
      const named = input.list('named');
      if (named.length > 0 && input.flag('nobodyNamed'))
        throw usageError('Say one thing.', 'Either --named or --nobody-named.');
      const staying = input.flag('nobodyNamed')
        ? []
        : before.persons.filter(({ party, letter }) =>
            (party === 'provider' ? provider : customer).includes(letter),
          );
      const persons =
        named.length === 0 ? staying : readNamed(named, await client.invoke('persons.list', {}));
      const matrix = await client.invoke('raci.set', {
        basedOn: current.version,
        reason: input.text('reason'),
        rows: [{ ...before, provider, customer, persons, note: input.maybe('note') ?? before.note }],
      });
      return {
        value: matrix,
        text: `Version ${matrix.current.version}: ${given} is ${listOf(provider)} for the provider, ${listOf(customer)} for the customer.`,
      };
    },
  }),
  defineCommand({
    noun: 'raci',
    verb: 'of',
    about: 'show the letters of one thing, and who has to act next',
    options: [
      { flags: '--approval <id>', about: 'of an approval' },
      { flags: '--incident <id>', about: 'of an incident' },
      { flags: '--scan', about: 'of a scan; with --endpoint of its last one' },
      { flags: '--run <id>', about: 'of a step of a run, with --endpoint and --step' },
      { flags: '--endpoint <name>', about: 'the endpoint, by name' },
      { flags: '--step <step>', about: 'the step', choices: STEP_CHOICES },
    ],
    access: 'person',
    channels: ['raci.of', 'approvals.list', 'incidents.list', 'runs.list', 'runs.get', 'endpoints.list'],
    run: async ({ client, input }) => {
      const approval = input.maybe('approval');
      const incident = input.maybe('incident');
      const run = input.maybe('run');
      const ways =
        [approval, incident, run].filter((way) => way !== undefined).length + Number(input.flag('scan'));
      if (ways !== 1) throw usageError('Name one thing.', 'One of --approval, --incident, --scan, --run.');
      const show = (view: RaciView) => ({ value: view, text: describe(view) });
      if (approval !== undefined) {
        const { id } = pickOne(await listIds(client.invoke('approvals.list', {})), approval, 'approval');
        return show(await client.invoke('raci.of', { about: { kind: 'approval', id } }));
      }
      if (incident !== undefined) {
        const { id } = pickOne(await listIds(client.invoke('incidents.list', {})), incident, 'incident');
        return show(await client.invoke('raci.of', { about: { kind: 'incident', id } }));
      }
      if (run === undefined) {
        const scanned = input.maybe('endpoint');
        const endpointId =
          scanned === undefined
            ? null
            : pickOne(await client.invoke('endpoints.list', {}), scanned, 'endpoint').id;
        return show(await client.invoke('raci.of', { about: { kind: 'scan', endpointId } }));
      }
      const { id } = pickOne(await listIds(client.invoke('runs.list', {})), run, 'run');
      const { tasks } = await client.invoke('runs.get', { id });
      const name = input.maybe('endpoint');
      const step = input.maybe('step');
      if (name === undefined || step === undefined)
        throw usageError('A step of a run is on an endpoint.', 'Add --endpoint and --step.');
      const endpoints = tasks.map((task) => ({ id: task.endpointId, name: task.endpointName }));
      const endpoint = pickOne(endpoints, name, 'endpoint');
      const about = {
        kind: 'run-step',
        id,
        endpointId: endpoint.id,
        step: readChoice(STEP_CHOICES, step),
      } as const;
      return show(await client.invoke('raci.of', { about }));
    },
  }),
];

/** Only the ids: these things have no name of their own. */
const listIds = async (list: Promise<readonly { readonly id: string }[]>): Promise<{ id: string }[]> =>
  (await list).map(({ id }) => ({ id }));

const WORDS = { R: 'does the work', A: 'has the final word', C: 'is asked', I: 'is told' } as const;

function describe(view: RaciView): string {
  const letters = view.parties.flatMap(({ party, holders }) =>
    holders.map(
      ({ letter, persons }) =>
        [
          `${letter} ${party}`,
          `${WORDS[letter]}: ${persons.length === 0 ? 'nobody here' : listOf(persons)}`,
        ] as const,
    ),
  );
  const next =
    view.ball === null
      ? 'nobody has to do anything'
      : `${listOf(view.ball.persons)} (${view.ball.party}): ${view.ball.task}`;
  return formatFacts([
    ['Element', view.element],
    ...letters,
    ['Next', next],
    ...view.notices.map(
      (notice) =>
        [
          `${notice.letter} ${sayRecipient(notice)}`,
          `${notice.text} ${sayNotice(notice, formatInstant)}`,
        ] as const,
    ),
  ]);
}
