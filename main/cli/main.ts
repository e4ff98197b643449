import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import { CodedError, ContractError, toFailure, type Failure } from '../../contract/errors.ts';
import { Client } from './client.ts';
import type { Answer, CommandSpec } from './command.ts';
import { chooseDataFolder } from './data-folder.ts';
import type { Engine, Session } from './engine.ts';
import { EXIT, exitCodeOfFailure, type ExitCode } from './exit-codes.ts';
import { printable, printableLines } from './format.ts';
import { Progress } from './progress.ts';
import { readCommandLine, type Globals, type Request } from './program.ts';
import { Secrets } from './secrets.ts';
import type { World } from './world.ts';

/**
 * One call of `sallyport`, from its words to its exit code. Never rejects. stdout gets the answer and nothing else: with
 * `--json` exactly one JSON document, the answer's value or `{"failure": ...}`.
 *
 * @param argv the words after the program's name
 */
export async function runSallyport(
  argv: readonly string[],
  specs: readonly CommandSpec[],
  version: string,
  world: World,
): Promise<ExitCode> {
  const json = argv.includes('--json');
  let progress: Progress | undefined;
  try {
    const request = readCommandLine(argv, specs, version);
    if (request.kind === 'show') {
      if (request.isError) world.writeErr(request.text);
      else await world.writeOut(request.text);
      return request.exit;
    }
    progress = new Progress({
      write: (text) => world.writeErr(text),
      rewrite: world.terminal.canRewrite,
      columns: world.terminal.columns,
      quiet: request.globals.quiet,
    });
    const answer = await runRequest(request, progress, world);
    progress.end();
    const { declaration } = answer;
    await world.writeOut(
      json
        ? `${JSON.stringify(answer.value, null, 2)}\n`
        : `${printableLines(declare(answer.text, declaration)).trimEnd()}\n`,
    );
    // The document of --json is the channel's own answer: the declaration goes beside it.
    if (json && declaration !== null) world.writeErr(`note: ${declaration}\n`);
    return answer.exit ?? EXIT.ok;
  } catch (error) {
    progress?.end();
    const failure = failureOf(error, world);
    if (json) await world.writeOut(`${JSON.stringify({ failure }, null, 2)}\n`);
    world.writeErr(formatFailure(failure));
    return exitCodeOfFailure(failure.code);
  }
}

/** Whatever a site with one operator reports says so. */
const declare = (text: string, declaration: string | null): string =>
  declaration === null || text.includes(declaration) ? text : `${text.trimEnd()}\n\nDeclared: ${declaration}`;

/** `error: what [CODE]` and `hint: what to do`. */
export function formatFailure(failure: Failure): string {
  const hint = failure.hint === undefined ? '' : `hint: ${printable(failure.hint)}\n`;
  return `error: ${printable(failure.message)} [${failure.code}]\n${hint}`;
}

function failureOf(error: unknown, world: World): Failure {
  if (error instanceof CodedError) return toFailure(error);
  if (world.env['SALLYPORT_DEBUG'] === '1' && error instanceof Error)
    world.writeErr(`${error.stack ?? error.message}\n`);
  return {
    code: 'INTERNAL',
    message: 'Something in Sallyport itself went wrong.',
    hint: 'Set SALLYPORT_DEBUG=1 and run it again to see where. What was committed before is kept.',
    retry: 'never',
  };
}

async function runRequest(
  request: Extract<Request, { kind: 'run' }>,
  progress: Progress,
  world: World,
): Promise<Answer & { readonly declaration: string | null }> {
  const { spec, input, globals } = request;
  const secrets = new Secrets(world, globals.passphraseFile);
  const note = (text: string): void => {
    progress.end();
    world.writeErr(`${printableLines(text)}\n`);
  };
  const call = { input, secrets, progress, world, json: globals.json, note };
  const needsNoSite = spec.access === 'none' || spec.needsNoSite?.(input) === true;
  if (needsNoSite) {
    return { ...(await spec.run({ ...call, client: new Client(undefined, null, []) })), declaration: null };
  }

  const dataDir = chooseDataFolder(globals.data, world);
  // Opening would make the folder: a mistyped path must not become an empty site.
  if (spec.access !== 'new-site' && !(await world.exists(dataDir))) throw noSite(dataDir);
  const person = spec.access === 'person' ? requirePerson(globals, world) : undefined;
  const engine = await world.openEngine(dataDir);
  try {
    const session = engine.openSession();
    const declaration = person === undefined ? null : await signIn(engine, session, person, dataDir, secrets);
    const answer = await spec.run({ ...call, client: new Client(engine, session, spec.channels) });
    return { ...answer, declaration };
  } finally {
    await engine.close();
  }
}

function requirePerson(globals: Globals, world: World): string {
  const person = globals.as ?? (world.env['SALLYPORT_PERSON'] || undefined);
  if (person !== undefined) return person;
  throw new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is named to act.', {
    hint: 'Add --as PERSON, or set SALLYPORT_PERSON. `sallyport site show` lists the persons.',
  });
}

/** @returns what the site declares of itself, if anything */
async function signIn(
  engine: Engine,
  session: Session,
  person: string,
  dataDir: string,
  secrets: Secrets,
): Promise<string | null> {
  const client = new Client(engine, session, ['site.get', 'session.signIn']);
  const { site, persons } = await client.invoke('site.get', {});
  if (site === null) throw noSite(dataDir);
  // Before a passphrase is asked for: it would be one for nobody.
  if (!persons.some(({ name }) => name === person)) {
    throw new ContractError('CONTRACT_NOT_FOUND', `Nobody at this site is called "${person}".`, {
      hint: `Known: ${persons.map(({ name }) => name).join(', ')}.`,
    });
  }
  await client.invoke('session.signIn', { person, passphrase: await secrets.ofPerson(person) });
  return site.singleOperator && site.workspace === 'operate' ? SINGLE_OPERATOR : null;
}

function noSite(dataDir: string): ContractError {
  return new ContractError('CONTRACT_NOT_FOUND', `There is no site in ${dataDir}.`, {
    hint: 'Name its folder with --data, or make a site with `sallyport site create`.',
  });
}
