import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../contract/errors.ts';
import { pickId, pickOne } from '../../../../main/cli/pick.ts';

const things = [
  { id: '11112222-0000-4000-8000-000000000001', name: 'web-1' },
  { id: '11113333-0000-4000-8000-000000000002', name: 'web-2' },
  { id: 'aaaabbbb-0000-4000-8000-000000000003', name: 'Web-1' },
  { id: 'ccccdddd-0000-4000-8000-000000000004', name: '1111' },
];

function failureOf(action: () => unknown): { code: string; hint: string | undefined; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof CodedError) return { code: error.code, hint: error.hint, message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('pickOne', () => {
  it.each([
    ['aaaabbbb-0000-4000-8000-000000000003', 2],
    ['AAAABBBB-0000-4000-8000-000000000003', 2],
    ['web-1', 0],
    ['Web-1', 2],
    ['WEB-2', 1],
    ['aaaa', 2],
    ['1111', 3],
  ])('finds %s', (text, index) => expect(pickOne(things, text, 'endpoint')).toBe(things[index]));

  it('refuses a name in other letters of case that two have, and names both', () => {
    const failure = failureOf(() => pickOne(things, 'WEB-1', 'endpoint'));
    expect(failure.code).toBe('CONTRACT_INPUT_INVALID');
    expect(failure.message).toMatch(/web-1 \(11112222\).*Web-1 \(aaaabbbb\)/);
  });

  it('refuses the beginning of an id that two have', () => {
    const failure = failureOf(() => pickOne(things.slice(0, 2), '1111', 'endpoint'));
    expect(failure).toMatchObject({
      code: 'CONTRACT_INPUT_INVALID',
      hint: 'Give more characters of the id.',
    });
  });

  it('does not take three characters for an id', () => {
    expect(failureOf(() => pickOne(things, 'aaa', 'endpoint')).code).toBe('CONTRACT_NOT_FOUND');
  });

  it('suggests what is near', () => {
    expect(failureOf(() => pickOne(things, 'wbe-2', 'endpoint')).hint).toBe('Did you mean web-2?');
    expect(failureOf(() => pickOne(things, 'database', 'endpoint')).hint).toMatch(/^Known: web-1, web-2/);
    expect(failureOf(() => pickOne([], 'database', 'endpoint')).hint).toBe('There is no endpoint yet.');
  });
});

describe('pickId', () => {
  it('takes a whole id without asking for the list', async () => {
    const list = () => Promise.reject(new Error('asked for the list'));
    const id = '11112222-0000-4000-8000-00000000abcd';
    expect(await pickId(` ${id.toUpperCase()} `, 'plan', list)).toBe(id);
  });
});
