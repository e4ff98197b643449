import { describe, expect, test } from 'vitest';
import {
  filterEndpoints,
  hasFlag,
  measureCompliance,
  NO_ENDPOINT_FILTER,
} from '../../../../renderer/stores/endpoint-filter.ts';
import { ENDPOINTS } from '../../../e2e/gallery/fixtures/endpoints.ts';

describe('filtering', () => {
  test('without a filter leaves everything', () => {
    expect(filterEndpoints(ENDPOINTS, NO_ENDPOINT_FILTER)).toHaveLength(ENDPOINTS.length);
  });

  test('asks for every word, anywhere, in any case', () => {
    const found = filterEndpoints(ENDPOINTS, { ...NO_ENDPOINT_FILTER, words: ' DEBIAN web-06 ' });
    expect(found.map((endpoint) => endpoint.name)).toEqual(['web-06']);
  });

  test('joins group, flags and words', () => {
    const found = filterEndpoints(ENDPOINTS, { words: '', group: 'Web', flags: ['security', 'reboot'] });
    expect(found.length).toBeGreaterThan(0);
    for (const endpoint of found) {
      expect(endpoint.group).toBe('Web');
      expect(endpoint.findings.security).toBeGreaterThan(0);
      expect(endpoint.rebootRequired).toBe(true);
    }
  });

  test('counts as needing a look what failed, not what was refused', () => {
    const [first] = ENDPOINTS;
    if (first === undefined) throw new Error('no endpoint');
    const at = '2026-11-24T14:05:00Z';
    const runId = first.id;
    const withOutcome = (outcome: 'refused' | 'failed' | 'needs-attention') =>
      hasFlag({ ...first, scanFailure: null, lastOutcome: { outcome, at, runId } }, 'attention');
    expect(withOutcome('refused')).toBe(false);
    expect(withOutcome('failed')).toBe(true);
    expect(withOutcome('needs-attention')).toBe(true);
  });
});

describe('compliance', () => {
  test('puts every endpoint into exactly one part', () => {
    const groups = measureCompliance(ENDPOINTS);
    const sum = groups.reduce((total, group) => total + group.total, 0);
    expect(sum).toBe(ENDPOINTS.length);
    for (const group of groups) {
      expect(group.clear + group.findings + group.security + group.unknown).toBe(group.total);
    }
  });

  test('never calls an endpoint up to date that was not scanned', () => {
    const unscanned = ENDPOINTS.filter((endpoint) => endpoint.scannedAt === null);
    expect(unscanned.length).toBeGreaterThan(0);
    expect(measureCompliance(unscanned).every((group) => group.clear === 0)).toBe(true);
  });
});
