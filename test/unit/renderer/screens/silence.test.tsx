// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { Silence } from '../../../../contract/packs.ts';
import { DESK_PACKS } from '../../../e2e/gallery/fixtures/desk.ts';
import { DESK_SCENES } from '../../../e2e/gallery/desk-scenes.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const scene = DESK_SCENES['review-sign'];
async function openSignature(silence: Silence, decided?: number): Promise<void> {
  if (scene?.go === undefined) throw new Error('no such scene');
  const { go } = scene;
  const packs = DESK_PACKS.map((pack) => ({ ...pack, decided: decided ?? pack.decided }));
  const answers = { ...scene.answers, 'packs.list': () => packs, 'packs.silence': () => silence };
  mountWindow(answers, ({ navigation }) => navigation.getState().go(...go));
  fireEvent.click(await screen.findByRole('button', { name: 'Go to the signature' }));
}

test('where silence means yes, the step says for how many and from when on, and lets sign', async () => {
  await openSignature({ awaited: 0, yes: 41, no: 1, held: 3, standing: 2, out: 0 });
  await screen.findByText('Silence means yes for 41 patches');
  screen.getByText(/^You have said nothing on them\. Your policy makes a yes of that/);
  screen.getByText(/^1 patch: silence installs nothing/);
  screen.getByText(/^3 patches: silence installs nothing, because of what you said before\./);
  screen.getByText('2 patches: approved in advance by your policy.');
  screen.getByRole('button', { name: 'Sign and write' });
});

test('where no policy lets silence count, nothing can be signed yet', async () => {
  await openSignature({ awaited: 1, yes: 4, no: 0, held: 0, standing: 0, out: 0 });
  await screen.findByText('1 patch needs your word before you can sign');
  screen.getByText('Silence means yes for 4 patches');
  expect(screen.queryByRole('button', { name: 'Sign and write' })).toBeNull();
});

test('with everything decided nothing is said of silence', async () => {
  await openSignature({ awaited: 0, yes: 0, no: 0, held: 0, standing: 0, out: 0 });
  await screen.findByRole('button', { name: 'Sign and write' });
  expect(screen.queryByText(/[Ss]ilence/)).toBeNull();
});

test('with no patch decided and none that needs a word, there is nothing to sign, and it says so', async () => {
  await openSignature({ awaited: 0, yes: 41, no: 0, held: 0, standing: 2, out: 0 }, 0);
  await screen.findByText('There is nothing to sign');
  screen.getByText('Silence means yes for 41 patches');
  expect(screen.queryByRole('button', { name: 'Sign and write' })).toBeNull();
});
