import { ContractError } from '../../contract/errors.ts';
import type { GarbageView, PatchDetail } from '../../contract/risk.ts';
import type { NamedObject } from '../catalogue/garbage-store.ts';
import { firstRelease, graverSeverity, type Severity } from '../core/advisory.ts';
import { diffBundles, type BundleContent } from '../core/bundle/diff.ts';
import { findGarbage, type Garbage } from '../core/garbage.ts';
import type { Handlers } from './dispatch.ts';
import { readNeeds } from './open-work.ts';
import { presentRisk } from './present-risk.ts';
import { readClocks } from './read-clocks.ts';
import type { Services } from './services.ts';

type RiskHandlers = Pick<
  Handlers,
  'catalogue.get' | 'catalogue.garbage' | 'catalogue.collectGarbage' | 'bundles.diff' | 'clocks.get'
>;

export const riskHandlers: RiskHandlers = {
  'catalogue.get': (input, { services }) => describePatch(services, input.id),
  'clocks.get': (input, { services }) => readClocks(services, input.limit),
  'bundles.diff': (input, { services }) => {
    const [first, second] = [readContent(services, input.from), readContent(services, input.to)];
    const diff = diffBundles(first, second);
    return {
      from: input.from,
      to: input.to,
      added: [...diff.added],
      changed: [...diff.changed],
      gone: second.base > 0 ? null : [...diff.gone],
      advisories: diff.advisories.map((advisory) => ({ ...advisory, cves: [...advisory.cves] })),
      cves: [...diff.cves],
    };
  },
  'catalogue.garbage': (_input, { services }) => presentGarbage(readGarbage(services)),
  'catalogue.collectGarbage': (_input, context) => {
    const { services } = context;
    services.lease.acquire();
    refuseDuringImport(services);
    // Nothing else runs between the reading, the commit and the removal: all of it is one turn of the engine.
    const garbage = readGarbage(services);
    const hashes = garbage.objects.map((object) => object.sha256);
    context.commit({ objects: String(hashes.length), bytes: String(garbage.bytes) }, () =>
      services.garbage.collect(hashes, context.person().name, services.now()),
    );
    for (const sha256 of services.garbage.pending()) services.content.remove(sha256);
    services.garbage.markRemoved(services.now());
    services.publish({ kind: 'changed', area: 'catalogue', id: null });
    services.publish({ kind: 'changed', area: 'endpoints', id: null });
    return presentGarbage(garbage);
  },
};

/** An import counts on the objects that it found here when it began. @throws ContractError CONTRACT_CONFLICT */
function refuseDuringImport(services: Services): void {
  if (!services.operations.list().some((item) => item.kind === 'import' && item.status === 'running')) return;
  throw new ContractError('CONTRACT_CONFLICT', 'A bundle is being imported.', {
    hint: 'Wait until it has been imported, then try again.',
    retry: 'same',
  });
}

function readGarbage(services: Services): Garbage<NamedObject> {
  return findGarbage(services.garbage.list(), readNeeds(services));
}

function presentGarbage(garbage: Garbage<NamedObject>): GarbageView {
  const present = ({ sha256, class: kind, name, size }: NamedObject) => ({
    sha256,
    class: kind,
    name,
    size,
  });
  return {
    objects: garbage.objects.map(present),
    bytes: garbage.bytes,
    kept: garbage.kept.map(({ object, reason }) => ({ object: present(object), reason })),
  };
}

/** @throws ContractError CONTRACT_NOT_FOUND */
function readContent(services: Services, id: string): BundleContent {
  const [stream = '', seq = ''] = id.split('/');
  const content = services.risk.contentOf(stream, Number(seq));
  if (content === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', `Bundle ${id} was not imported here.`, {
      hint: '`sallyport bundle list` shows those that were.',
      subject: { bundle: id },
    });
  }
  return content;
}

function describePatch(services: Services, id: number): PatchDetail {
  const patch = services.catalogue.getPatch(id);
  const { release, advisories } = services.risk.statementsOf(id);
  const cves = [...new Set(advisories.flatMap((advisory) => advisory.cves))];
  const severity = advisories.reduce<Severity>(
    (worst, advisory) => graverSeverity(worst, advisory.severity),
    'not stated',
  );
  const { supersedes, supersededBy } = services.risk.supersedence(id);
  const of = release === null ? null : { ...release, package: patch.package };
  return {
    id,
    risk: presentRisk(services.risk.judge(cves, { security: patch.security, severity })),
    publishedAt: firstRelease(advisories),
    advisories: advisories.map((advisory) => ({
      id: advisory.id,
      advisory: advisory.advisory,
      type: advisory.type,
      title: advisory.title,
      body: advisory.body,
      severity: advisory.severity,
      urgency: advisory.urgency,
      fixedVersion: advisory.fixedVersion,
      publishedAt: advisory.publishedAt,
      cves: [...advisory.cves],
      provenance: { ...advisory.provenance },
    })),
    cves: services.risk.describe(cves, of).map((risk) => ({
      cve: risk.cve,
      kev: risk.kev,
      epss: risk.epss === null ? null : { ...risk.epss, current: risk.isCurrent },
      cvss: risk.cvss.map((score) => ({ ...score })),
      vendor: risk.vendor.map((item) => ({ ...item })),
      notAffected: [...risk.notAffected],
    })),
    supersedes: [...supersedes],
    supersededBy: [...supersededBy],
  };
}
