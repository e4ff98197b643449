import { expect, test } from 'vitest';
import { CHANNELS, type ChannelName } from '../../../contract/channels.ts';
import type { Answers } from '../../e2e/gallery/fake-client.ts';
import { desk } from '../../e2e/gallery/desk-scenes.ts';
import { ENDPOINTS } from '../../e2e/gallery/fixtures/endpoints.ts';
import { aDigest, anId } from '../../e2e/gallery/fixtures/made-up.ts';
import { PLANS } from '../../e2e/gallery/fixtures/plans.ts';
import { RUNS } from '../../e2e/gallery/fixtures/runs.ts';
import { customerDesk } from '../../e2e/gallery/statement-scenes.ts';
import {
  busySite,
  collectSite,
  emptyCollectSite,
  emptySite,
  noSite,
  siteWithList,
} from '../../e2e/gallery/site-answers.ts';

const INPUTS: Partial<Record<ChannelName, unknown>> = {
  'endpoints.get': { id: ENDPOINTS[5]?.id },
  'plans.get': { id: PLANS[0]?.id },
  'approvals.get': { id: anId(4, 1) },
  'runs.get': { id: RUNS[0]?.id },
  'runs.journal': { runId: RUNS[0]?.id, afterRow: 0 },
  'bundles.inspect': { folder: '/media/usb' },
  'catalogue.endpointsOf': { id: 1 },
  'catalogue.search': {},
  'audit.list': {},
  'reviewers.read': { text: aDigest(1) },
  'packs.sheet': { id: aDigest(951) },
  'packs.patch': { id: aDigest(951), patch: aDigest(40_000) },
  'queue.sheet': { packId: anId(12, 1) },
  'queue.carried': { packId: anId(12, 1) },
  'queue.silence': { packId: anId(12, 1) },
  'queue.patch': { packId: anId(12, 1), patch: aDigest(40_000) },
};

/** A picture of what the contract forbids would be a lie. */
test.each([
  ['busy', busySite('Grace Lindqvist')],
  ['empty', emptySite('Ada Whitfield')],
  ['collecting', collectSite('Ada Whitfield')],
  ['first collecting', emptyCollectSite('Ada Whitfield')],
  ['listing', siteWithList('Grace Lindqvist')],
  ['deciding', customerDesk],
  ['reviewing', desk()],
  ['no', noSite],
])('the fixtures of a %s site are what the engine may answer', async (_name, answers: Answers) => {
  const checked: string[] = [];
  for (const name of Object.keys(answers) as ChannelName[]) {
    const channel = CHANNELS[name];
    const input = name in INPUTS ? INPUTS[name] : {};
    if (channel.kind !== 'query' || name === 'operations.wait') continue;
    if (!channel.input.safeParse(input).success) continue;
    const answer = answers[name] as ((input: unknown) => unknown) | undefined;
    const value = await answer?.(input);
    const parsed = channel.output.safeParse(value);
    expect(parsed.success ? [] : [name, parsed.error.issues.slice(0, 3)]).toEqual([]);
    checked.push(name);
  }
  expect(checked).toContain('site.get');
});
