import { expect, test } from 'vitest';
import { adviseOn, describeFailure } from '../../../../renderer/format/failures.ts';

test('a failure that brings no hint is told by its retry', () => {
  expect(adviseOn({ retry: 'same' })).toBe('Try again.');
  expect(adviseOn({ retry: 'never', hint: 'Pin the key.' })).toBe('Pin the key.');
  expect(adviseOn({ retry: 'after-reconnect', hint: '' })).toMatch(/connection was lost/);
});

test('what is copied names code, message, what to do and what it is about', () => {
  const text = describeFailure(
    {
      code: 'PATCHING_LOCK_HELD',
      message: 'Process 2214 holds the lock.',
      hint: 'Wait for it.',
      subject: { endpoint: 'web-01' },
    },
    Date.parse('2026-11-24T14:05:00Z'),
  );
  expect(text.split('\n').slice(0, 4)).toEqual([
    'PATCHING_LOCK_HELD',
    'Process 2214 holds the lock.',
    'To do: Wait for it.',
    'endpoint: web-01',
  ]);
});
