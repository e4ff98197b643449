import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comesAlong, pulledIn } from '../../../../../main/core/review/pulled-in.ts';

type Endpoints = Parameters<typeof pulledIn>[0];
type Item = readonly [name: string, requested: boolean, from?: string | null];

const planOf = (...endpoints: readonly (readonly Item[])[]): Endpoints => ({
  endpoints: endpoints.map((items, at) => ({
    ...{ endpointId: `e${at}`, endpointName: `e${at}`, address: '192.0.2.1', distribution: 'debian' },
    ...{ codename: 'bookworm', snapshotMode: 'hard', restoreOnFailure: true, rebootPolicy: 'never' },
    ...{ healthChecks: [] },
    packages: items.map(([name, requested, from = '1']) => ({
      ...{ name, arch: 'amd64', from, to: '2', sha256: name, requested },
    })),
  })),
});

describe('what a patch pulls in', () => {
  it('is known where one package alone was asked for, and where all were', () => {
    const pulls = pulledIn(
      planOf(
        [
          ['openssl', true],
          ['libssl3', false],
        ],
        [
          ['bash', true],
          ['curl', true],
        ],
      ),
    );
    expect(Object.fromEntries(pulls)).toEqual({ openssl: ['libssl3'], libssl3: [], bash: [], curl: [] });
  });

  it('is not known where several were asked for and more comes along', () => {
    const pulls = pulledIn(
      planOf([
        ['openssl', true],
        ['linux-image-amd64', true],
        ['linux-image-42', false, null],
      ]),
    );
    expect(pulls.get('openssl')).toBeNull();
    expect(pulls.get('linux-image-amd64')).toBeNull();
  });

  it('is not known of a row when it is not known on one of its endpoints, in whatever order they come', () => {
    const clear: readonly Item[] = [['openssl', true]];
    const mixed: readonly Item[] = [
      ['openssl', true],
      ['bash', true],
      ['libssl3', false],
    ];
    expect(pulledIn(planOf(clear, mixed)).get('openssl')).toBeNull();
    expect(pulledIn(planOf(mixed, clear)).get('openssl')).toBeNull();
  });

  it('never says nothing where something may be, and names only what nobody asked for', () => {
    const names = ['a', 'b', 'c', 'd'];
    const endpoint = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), fc.boolean()), {
      selector: ([name]) => name,
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(endpoint, { minLength: 1, maxLength: 4 }), (endpoints) => {
        const pulls = pulledIn(planOf(...endpoints));
        for (const items of endpoints) {
          const along = items.filter(([, requested]) => !requested).map(([name]) => name);
          for (const [name, requested] of items) {
            const said = pulls.get(name);
            const others = along.filter((item) => item !== name);
            if (said === undefined) throw new Error(`Nothing is said of ${name}.`);
            if (said === null || others.length === 0) continue;
            // It is known, and more comes along here: it was the only one asked for, and all of that is named.
            expect(requested).toBe(true);
            for (const item of others) expect(said).toContain(item);
          }
        }
        const unasked = new Set(endpoints.flat().flatMap(([name, requested]) => (requested ? [] : [name])));
        for (const said of pulls.values()) for (const item of said ?? []) expect(unasked).toContain(item);
      }),
    );
  });
});

it('what comes along is counted, and where it is new', () => {
  const plan = planOf(
    [
      ['openssl', true],
      ['libssl3', false],
    ],
    [
      ['openssl', true],
      ['libssl3', false, null],
      ['ca-certificates', false, null],
    ],
  );
  expect(comesAlong(plan)).toEqual([
    { package: 'ca-certificates', endpoints: 1, newOn: 1 },
    { package: 'libssl3', endpoints: 2, newOn: 1 },
  ]);
});
