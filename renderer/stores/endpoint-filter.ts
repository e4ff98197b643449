import type { EndpointSummary } from '../../contract/endpoints.ts';

/** The states of endpoints that a person filters by. */
export const ENDPOINT_FLAGS = [
  'security',
  'findings',
  'reboot',
  'attention',
  'not-scanned',
  'unpinned',
] as const;
export type EndpointFlag = (typeof ENDPOINT_FLAGS)[number];

export interface EndpointFilter {
  readonly words: string;
  readonly group: string | null;
  readonly flags: readonly EndpointFlag[];
}
export const NO_ENDPOINT_FILTER: EndpointFilter = { words: '', group: null, flags: [] };

export function hasFlag(endpoint: EndpointSummary, flag: EndpointFlag): boolean {
  switch (flag) {
    case 'security':
      return endpoint.findings.security > 0;
    case 'findings':
      return endpoint.findings.total > 0;
    case 'reboot':
      return endpoint.rebootRequired;
    case 'attention':
      return endpoint.scanFailure !== null || needsAttention(endpoint);
    case 'not-scanned':
      return endpoint.scannedAt === null;
    case 'unpinned':
      return endpoint.hostKey === null;
  }
}

function needsAttention(endpoint: EndpointSummary): boolean {
  const outcome = endpoint.lastOutcome?.outcome;
  return outcome === 'needs-attention' || outcome === 'failed' || outcome === 'unproven';
}

/** All words must be found in name, address, group or platform; all flags must hold. */
export function filterEndpoints(
  endpoints: readonly EndpointSummary[],
  filter: EndpointFilter,
): EndpointSummary[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  return endpoints.filter((endpoint) => {
    if (filter.group !== null && endpoint.group !== filter.group) return false;
    if (!filter.flags.every((flag) => hasFlag(endpoint, flag))) return false;
    if (words.length === 0) return true;
    const text =
      `${endpoint.name} ${endpoint.address} ${endpoint.group} ${endpoint.platform ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export interface GroupCompliance {
  readonly group: string;
  readonly total: number;
  readonly clear: number;
  readonly findings: number;
  readonly security: number;
  readonly unknown: number;
}

/** Per group: how many endpoints have nothing to install, something, a security patch, or were never scanned. */
export function measureCompliance(endpoints: readonly EndpointSummary[]): GroupCompliance[] {
  const groups = new Map<string, { clear: number; findings: number; security: number; unknown: number }>();
  for (const endpoint of endpoints) {
    const counts = groups.get(endpoint.group) ?? { clear: 0, findings: 0, security: 0, unknown: 0 };
    if (endpoint.scannedAt === null) counts.unknown += 1;
    else if (endpoint.findings.security > 0) counts.security += 1;
    else if (endpoint.findings.total > 0) counts.findings += 1;
    else counts.clear += 1;
    groups.set(endpoint.group, counts);
  }
  return [...groups]
    .map(([group, counts]) => ({
      group,
      ...counts,
      total: counts.clear + counts.findings + counts.security + counts.unknown,
    }))
    .sort((a, b) => a.group.localeCompare(b.group, 'en'));
}
