// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { DeskPackView } from '../../../../contract/packs.ts';
import { desk } from '../../../e2e/gallery/desk-scenes.ts';
import { DESK_PACKS, FORGED_PACK } from '../../../e2e/gallery/fixtures/desk.ts';
import { cleanup, mountWindow } from '../mount.tsx';

afterEach(cleanup);

const [TRUSTED, TO_COMPARE] = DESK_PACKS as readonly [DeskPackView, DeskPackView];
const bandAt = async (packs: readonly DeskPackView[], openId: string | null): Promise<string | null> => {
  mountWindow(desk(packs), ({ navigation }) => navigation.getState().go('packs', openId));
  await screen.findByRole('heading', { level: 1 });
  return document.querySelector('.band-marking')?.textContent ?? null;
};

test.each<readonly [string, readonly DeskPackView[], string | null, string]>([
  [
    'of the pack that is open',
    [TRUSTED, { ...TO_COMPARE, marking: 'OFFICIAL-SENSITIVE' }],
    TO_COMPARE.id,
    'OFFICIAL-SENSITIVE',
  ],
  [
    'that there is none on the pack that is open',
    [{ ...TRUSTED, marking: '' }],
    TRUSTED.id,
    'NO PROTECTIVE MARKING',
  ],
  ['of compared sites in the list', [TRUSTED, { ...TO_COMPARE, marking: 'SECRET' }], null, 'OFFICIAL'],
  ['never of a forged pack', [FORGED_PACK, TRUSTED], FORGED_PACK.id, 'OFFICIAL'],
  [
    'all of them where sites differ',
    [TRUSTED, { ...TRUSTED, id: TO_COMPARE.id, marking: 'SECRET' }],
    null,
    'OFFICIAL / SECRET',
  ],
  ['why there is none', [TO_COMPARE], null, 'No marking: no pack of a compared site is here'],
])('the band says the marking %s', async (_what, packs, openId, said) => {
  expect(await bandAt(packs, openId)).toBe(said);
});

test('a forged pack is marked in the list, apart from what waits', async () => {
  mountWindow(desk([FORGED_PACK, TRUSTED]), ({ navigation }) => navigation.getState().go('packs', null));
  await screen.findByText('Signed by another key');
  screen.getByRole('heading', { name: 'Not from the site: do not decide on these' });
  screen.getByText('1 pack to decide');
});
