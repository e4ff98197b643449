import cvss from 'ae-cvss-calculator';

/** FIRST's Common Vulnerability Scoring System. A score is only ever compared with scores of its own major version. */
export const CVSS_VERSIONS = ['2.0', '3.0', '3.1', '4.0'] as const;
export type CvssVersion = (typeof CVSS_VERSIONS)[number];

export interface CvssScore {
  readonly version: CvssVersion;
  /** 0.0 to 10.0: the base score; threat and environment of a vector are not counted. */
  readonly base: number;
  /** The vector as it was given, without the brackets of NVD's version 2. */
  readonly vector: string;
}

/** Every base metric of a version with the values that its specification allows, in the specification's order. */
const BASE_METRICS: Readonly<Record<'2' | '3' | '4', Readonly<Record<string, string>>>> = {
  '2': { AV: 'LAN', AC: 'HML', Au: 'MSN', C: 'NPC', I: 'NPC', A: 'NPC' },
  '3': { AV: 'NALP', AC: 'LH', PR: 'NLH', UI: 'NR', S: 'UC', C: 'HLN', I: 'HLN', A: 'HLN' },
  '4': {
    AV: 'NALP',
    AC: 'LH',
    AT: 'NP',
    PR: 'NLH',
    UI: 'NPA',
    VC: 'HLN',
    VI: 'HLN',
    VA: 'HLN',
    SC: 'HLN',
    SI: 'HLN',
    SA: 'HLN',
  },
};

const PREFIX = /^CVSS:(3\.0|3\.1|4\.0)\//;
/** Of the longest vectors with threat, environment and supplement: below 300 characters. */
const MAX_VECTOR = 512;

/**
 * Scores a vector of version 2.0, 3.0, 3.1 or 4.0.
 *
 * Source: https://www.first.org/cvss/ (v2 guide section 3.2.1, v3.1 section 7.1, v4.0 section 8).
 *
 * @returns `null` for a text that is no vector: a metric is missing, twice there, or has a value that it can't have
 */
export function scoreCvss(text: string): CvssScore | null {
  const vector = text.replace(/^\((.*)\)$/, '$1');
  if (vector.length > MAX_VECTOR) return null;
  const version = (PREFIX.exec(vector)?.[1] ?? '2.0') as CvssVersion;
  const metrics = new Map<string, string>();
  for (const part of vector.replace(PREFIX, '').split('/')) {
    const match = /^([A-Za-z]{1,3}):([A-Za-z]{1,6})$/.exec(part);
    if (match === null || metrics.has(match[1] ?? '')) return null;
    metrics.set(match[1] ?? '', match[2] ?? '');
  }
  const base: string[] = [];
  for (const [name, values] of Object.entries(BASE_METRICS[version.charAt(0) as '2' | '3' | '4'])) {
    const value = metrics.get(name) ?? '';
    if (value.length !== 1 || !values.includes(value)) return null;
    base.push(`${name}:${value}`);
  }
  return { version, base: baseScoreOf(version, base.join('/')), vector };
}

/** Of a vector that has its base metrics and nothing else. */
function baseScoreOf(version: CvssVersion, metrics: string): number {
  const vector = version === '2.0' ? metrics : `CVSS:${version}/${metrics}`;
  switch (version) {
    case '2.0':
      return new cvss.Cvss2(vector).calculateScores().base ?? 0;
    case '3.0':
      return new cvss.Cvss3P0(vector).calculateScores().base ?? 0;
    case '3.1':
      return new cvss.Cvss3P1(vector).calculateScores().base ?? 0;
    case '4.0':
      return new cvss.Cvss4P0(vector).calculateScores().overall;
  }
}
