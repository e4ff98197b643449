import { CollectError } from '../../../contract/errors.ts';
import { CVE_ID } from './kev.ts';

/** How likely FIRST's model thinks it that a CVE is exploited in the next 30 days. */
export interface EpssScore {
  readonly cve: string;
  /** 0 to 1. */
  readonly score: number;
  /** Share of all CVEs that score as high or lower, 0 to 1; `null` in files from before September 2021. */
  readonly percentile: number | null;
}

interface EpssFile {
  /**
   * `v2025.03.14`: what the scores may be compared within. Files from before February 2022 name none; all of them are of the
   * first model.
   */
  readonly model: string;
  /** ISO-8601, UTC; `null` where the file does not say: then its name does. */
  readonly date: string | null;
  readonly scores: readonly EpssScore[];
}

const FIRST_MODEL = 'v1';
const HEADERS = ['cve,epss', 'cve,epss,percentile'];

/**
 * Reads FIRST's daily CSV, all four forms it has had: with and without a first line that names model and date, with and
 * without percentiles (https://www.first.org/epss/data_stats).
 *
 * @param wanted only these CVEs, or all with `null`: the file scores every CVE there is
 * @throws CollectError COLLECT_ADVISORIES_INVALID
 */
export function parseEpss(csv: string, wanted: ReadonlySet<string> | null, file: string): EpssFile {
  const invalid = (why: string): CollectError =>
    new CollectError('COLLECT_ADVISORIES_INVALID', `${file} is not FIRST's list of EPSS scores: ${why}.`, {
      hint: 'Give FIRST’s CSV file, packed or not, unchanged.',
      subject: { file },
    });
  let at = 0;
  const nextLine = (): string | null => {
    if (at >= csv.length) return null;
    const end = csv.indexOf('\n', at);
    const line = csv.slice(at, end < 0 ? csv.length : end);
    at = end < 0 ? csv.length : end + 1;
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  };
  let line = nextLine() ?? '';
  let model = FIRST_MODEL;
  let date: string | null = null;
  if (line.startsWith('#')) {
    const match = /^#model_version:([A-Za-z0-9._-]{1,32}),score_date:(\S{10,32})$/.exec(line);
    const time = Date.parse((match?.[2] ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    if (match === null || Number.isNaN(time))
      throw invalid('its first line does not name a model and a date');
    model = match[1] ?? '';
    date = new Date(time).toISOString();
    line = nextLine() ?? '';
  }
  if (!HEADERS.includes(line)) throw invalid(`its columns are not "${HEADERS.join('" or "')}"`);
  const hasPercentile = line === HEADERS[1];
  const scores: EpssScore[] = [];
  for (let row = nextLine(); row !== null; row = nextLine()) {
    if (row === '') continue;
    const cve = row.slice(0, Math.max(0, row.indexOf(',')));
    if (wanted !== null && !wanted.has(cve)) continue;
    const [, score, percentile, more] = row.split(',');
    const value = { score: share(score), percentile: hasPercentile ? share(percentile) : null };
    if (!CVE_ID.test(cve) || value.score === null || more !== undefined)
      throw invalid(`a row is malformed: ${JSON.stringify(row.slice(0, 80))}`);
    scores.push({ cve, score: value.score, percentile: value.percentile });
  }
  return { model, date, scores };
}

/** A decimal from 0 to 1, also as `1e-05`; `null` for anything else. */
function share(text: string | undefined): number | null {
  if (text === undefined || !/^\d(?:\.\d{1,20})?(?:[eE]-\d{1,2})?$/.test(text)) return null;
  const value = Number(text);
  return value <= 1 ? value : null;
}
