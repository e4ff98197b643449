import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as commands from '../../../main/patching/apt/commands.ts';
import type { RemoteCommand } from '../../../main/remote/remote-shell.ts';
import { playScript } from '../../lab/embedded/apt-answers.ts';
import { readBaseSystem } from '../../lab/embedded/base-system.ts';
import { Disk } from '../../lab/embedded/disk.ts';
import { FAST, Machine } from '../../lab/embedded/machine.ts';
import { makeVendor, prepareBase } from '../../lab/embedded/vendor.ts';
import { sha256 } from '../../lab/embedded/deb-file.ts';

const TRANSCRIPTS = new URL('../../fixtures/transcripts/apt/bookworm/', import.meta.url);
const base = readBaseSystem();
const vendor = makeVendor(base);
const names = new Set(base.packages.map((item) => item.name));

/** One line without what may differ from endpoint to endpoint: numbers, versions, hashes, names of packages and devices. */
function shapeOf(line: string): string {
  return line
    .replaceAll(/[0-9a-f]{64}/g, 'HASH')
    .replaceAll(/file:\S+/g, 'URI')
    .replaceAll(/\b[kM]?B\b/g, 'BYTES')
    .replaceAll(/\/dev\/\S+/g, 'WORD')
    .replaceAll(/\/(?:var|usr)\/\S+/g, 'PATH')
    .replaceAll(/[a-z0-9][a-z0-9.+~:%_-]*/gi, (word) =>
      /\d/.test(word) || names.has(word) || names.has(word.replace(/:(amd64|all)$/, '')) ? 'WORD' : word,
    )
    .replaceAll(/WORD(?: WORD)+/g, 'WORD')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
}

/** Shapes of a verb's answers by part, from every transcript of it. */
function recordedShapes(verb: string): ReadonlyMap<string, ReadonlySet<string>> {
  const shapes = new Map<string, Set<string>>();
  for (const file of readdirSync(TRANSCRIPTS).filter((name) => name.startsWith(verb)))
    for (const [part, lines] of partsOf(readFileSync(new URL(file, TRANSCRIPTS), 'utf8'))) {
      const known = shapes.get(part) ?? new Set();
      for (const line of lines) known.add(shapeOf(line));
      shapes.set(part, known);
    }
  return shapes;
}

function partsOf(text: string): readonly (readonly [string, readonly string[]])[] {
  return text
    .split(/^#sallyport /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...lines] = part.split('\n');
      return [shapeOf(head), lines] as const;
    });
}

function newMachine(): Machine {
  const disk = Disk.install(base, prepareBase(base));
  const machine = new Machine({
    name: 'web-1',
    vendorKey: vendor.publicKey,
    speed: FAST,
    findDisk: () => disk,
  });
  machine.powerOn();
  return machine;
}

function ask(machine: Machine, command: RemoteCommand): string {
  const result = playScript(machine, command.argv, String(command.stdin));
  expect(machine.unexpected).toEqual([]);
  expect(result?.exitCode).toBe(0);
  return result?.stdout ?? '';
}

/** Every part is one that a real endpoint prints for this verb, in its order, and every line has a shape seen there. */
function expectFaithful(verb: string, text: string): void {
  const recorded = recordedShapes(verb);
  const parts = partsOf(text);
  expect(parts.length).toBeGreaterThan(0);
  for (const [part, lines] of parts) {
    expect([...recorded.keys()]).toContain(part);
    // The recorded endpoint was a container and showed its host's kernel.
    if (part === 'kernel') continue;
    for (const line of lines)
      expect([...(recorded.get(part) ?? [])], `part ${part}`).toContain(shapeOf(line));
  }
  const order = [...recorded.keys()];
  const places = parts.map(([part]) => order.indexOf(part));
  const firsts = places.filter((place, at) => places.indexOf(place) === at);
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
}

const suite = vendor.suites.find((item) => item.root === 'debian-security');
const read = (path: string): Buffer => suite?.files.get(path) ?? Buffer.alloc(0);

/** Stages an update of one package and starts its install. */
function resolveOn(machine: Machine, version: string): string {
  if (suite === undefined) throw new Error('the vendor has no security suite');
  const debs = [...suite.files.keys()].filter((path) => path.includes('/libexpat1_'));
  const files = [suite.releasePath, suite.indexPath, ...debs].map((path) => ({
    path,
    stagedPath: `debian-security/${path}`,
    file: '',
    sha256: sha256(read(path)),
    size: read(path).length,
  }));
  machine.disk.changeStage('run-1', {
    repo: new Map(files.map((file) => [file.stagedPath, read(file.path)])),
  });
  return ask(
    machine,
    commands.resolveCommand({
      stageId: 'run-1',
      repositories: [
        {
          name: suite.root,
          suite: suite.suite,
          components: ['main'],
          arch: 'amd64',
          signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
          metadata: [],
          packages: [],
        },
      ],
      files,
      wanted: [{ name: 'libexpat1', arch: 'amd64', version }],
      pinned: true,
    }),
  );
}

const expat = base.packages.find((item) => item.name === 'libexpat1')?.version ?? '';

describe('a simulated endpoint answers in the words of a real one', () => {
  it('inventory and preflight, also with a lock', () => {
    const machine = newMachine();
    expectFaithful('inventory', ask(machine, commands.inventoryCommand()));
    expectFaithful('preflight', ask(machine, commands.preflightCommand()));
    machine.lockHolder = { pid: 128, program: 'perl' };
    expectFaithful('preflight', ask(machine, commands.preflightCommand()));
  });

  it('resolve, and why it refuses', () => {
    expectFaithful('resolve', resolveOn(newMachine(), `${expat}+sim1`));
    expectFaithful('resolve', resolveOn(newMachine(), '99:1-1'));
    const held = newMachine();
    const item = held.disk.packages.get('libexpat1:amd64');
    if (item !== undefined) held.disk.put({ ...item, status: 'hold ok installed' });
    expectFaithful('resolve', resolveOn(held, `${expat}+sim1`));
  });

  it('an install from its start to its end', async () => {
    const machine = newMachine();
    const transaction = partsOf(resolveOn(machine, `${expat}+sim1`)).find(
      ([part]) => part === 'transaction',
    )?.[1];
    ask(
      machine,
      commands.sealCommand(
        'run-1',
        (transaction ?? []).filter((line) => line !== ''),
        [],
      ),
    );
    ask(machine, commands.startInstallCommand('run-1'));
    expectFaithful('read-install', ask(machine, commands.readInstallCommand('run-1')));
    while (machine.isRunning('run-1')) await new Promise((resolve) => setTimeout(resolve, 5));
    const end = ask(machine, commands.readInstallCommand('run-1'));
    expect(end).toContain('finished 0 ');
    expectFaithful('read-install', end);
    expect(machine.installs).toEqual([{ stageId: 'run-1', packages: ['libexpat1'] }]);
  });

  it('does nothing for a script that was cut short, and does not know one that was changed', () => {
    const machine = newMachine();
    const { argv, stdin } = commands.preflightCommand();
    const text = String(stdin);
    expect(playScript(machine, argv, text.slice(0, -20))?.exitCode).toBe(2);
    expect(playScript(machine, argv, text.replace('section locks', 'section latches'))).toBeUndefined();
  });
});
