import type { CveStatement } from '../risk/risk-list.ts';
import { exploitationOf, fixOf, statementOf, type MsrcFix, type MsrcReading } from './msrc.ts';
import { XmlReader } from './xml.ts';

interface Remediation {
  type: string;
  description: string;
  supersedence: string;
  fixedBuild: string;
  date: string;
  products: string[];
}

interface Vulnerability {
  title: string;
  cve: string;
  exploitStatus: string;
  severities: Map<string, string>;
  vectors: Set<string>;
  remediations: Remediation[];
}

interface Threat {
  type: string;
  description: string;
  products: string[];
}

/**
 * Microsoft's monthly release in the Common Vulnerability Reporting Framework 1.1, from the security update API
 * (https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/2024-Mar). Microsoft's own elements in it: `Supercedence` (so spelled),
 * `FixedBuild`, `RestartRequired`, `SubType`.
 *
 * @param text the whole document: 5 to 20 MB
 * @throws XmlFault
 */
export function readMsrcCvrf(text: string): MsrcReading {
  const products = new Map<string, string>();
  const fixes: MsrcFix[] = [];
  const statements: CveStatement[] = [];
  let initialRelease = '';
  let vulnerability: Vulnerability | null = null;
  let remediation: Remediation | null = null;
  let threat: Threat | null = null;
  let productId = '';
  const reader = new XmlReader('document', {
    open: (name, attributes) => {
      if (name === 'FullProductName') productId = attributes['ProductID'] ?? '';
      else if (name === 'Vulnerability')
        vulnerability = {
          title: '',
          cve: '',
          exploitStatus: '',
          severities: new Map(),
          vectors: new Set(),
          remediations: [],
        };
      else if (name === 'Threat') threat = { type: attributes['Type'] ?? '', description: '', products: [] };
      else if (name === 'Remediation')
        remediation = {
          type: attributes['Type'] ?? '',
          description: '',
          supersedence: '',
          fixedBuild: '',
          date: attributes['Date'] ?? '',
          products: [],
        };
    },
    close: (name, content) => {
      const value = content.replaceAll(/\s+/g, ' ').trim();
      if (name === 'FullProductName') products.set(productId, value);
      if (name === 'InitialReleaseDate') initialRelease = value;
      if (vulnerability === null) return;
      if (remediation !== null) {
        addToRemediation(remediation, name, value);
        if (name === 'Remediation') {
          vulnerability.remediations.push(remediation);
          remediation = null;
        }
      } else if (threat !== null) {
        if (name === 'Description') threat.description = value;
        else if (name === 'ProductID') threat.products.push(value);
        else if (name === 'Threat') {
          addThreat(vulnerability, threat);
          threat = null;
        }
      } else if (name === 'Title') vulnerability.title = value;
      else if (name === 'CVE') vulnerability.cve = value;
      else if (name === 'Vector') vulnerability.vectors.add(value);
      else if (name === 'Vulnerability') {
        fixes.push(...fixesOf(vulnerability, products, initialRelease));
        const { cve, exploitStatus, vectors } = vulnerability;
        const statement = statementOf(cve, exploitationOf(exploitStatus), vectors);
        if (statement !== null) statements.push(statement);
        vulnerability = null;
      }
    },
  });
  reader.write(text.replace(/^\uFEFF/, ''));
  reader.end();
  return { fixes, statements };
}

function addToRemediation(remediation: Remediation, name: string, value: string): void {
  if (name === 'Description') remediation.description = value;
  else if (name === 'Supercedence') remediation.supersedence = value;
  else if (name === 'FixedBuild') remediation.fixedBuild = value;
  else if (name === 'ProductID') remediation.products.push(value);
}

function addThreat(vulnerability: Vulnerability, { type, description, products }: Threat): void {
  if (type === 'Exploit Status') vulnerability.exploitStatus = description;
  else if (type === 'Severity')
    for (const product of products) vulnerability.severities.set(product, description);
}

function fixesOf(
  vulnerability: Vulnerability,
  products: ReadonlyMap<string, string>,
  releasedAt: string,
): MsrcFix[] {
  return vulnerability.remediations
    .filter(({ type }) => type === 'Vendor Fix')
    .flatMap((remediation) =>
      remediation.products.flatMap((id) =>
        fixOf({
          cve: vulnerability.cve,
          article: remediation.description,
          product: products.get(id) ?? '',
          fixedBuild: remediation.fixedBuild,
          severity: vulnerability.severities.get(id),
          supersedes: remediation.supersedence,
          title: vulnerability.title,
          releasedAt: remediation.date === '' ? releasedAt : remediation.date,
        }),
      ),
    );
}
