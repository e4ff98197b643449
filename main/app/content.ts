import { CatalogueError } from '../../contract/errors.ts';
import { sliceRepositories } from '../catalogue/repository-slice.ts';
import type { EndpointPlan } from '../core/plan.ts';
import type { Content } from '../runs/run-ports.ts';
import type { Services } from './services.ts';
import type { RepositorySlice } from '../core/repository-slice.ts';

type Stores = Pick<Services, 'db' | 'content' | 'catalogue' | 'endpoints' | 'findings'>;

/** A name that is safe as a folder on an endpoint and unique: kind and a UUID without its dashes. */
export function stageIdOf(kind: string, id: string): string {
  return `${kind}-${id.replaceAll('-', '')}`;
}

export function sliceFor(
  { db, content }: Stores,
  release: { readonly distribution: string; readonly codename: string; readonly arch: string },
  patchIds: readonly number[],
): readonly RepositorySlice[] {
  return sliceRepositories(db, content, release, patchIds);
}

/** Everything of the content store that one endpoint's plan needs. @throws CatalogueError CATALOGUE_PATCH_UNKNOWN, CONTENT_MISSING */
export function contentForPlan(stores: Stores, plan: EndpointPlan): Content {
  const ids = plan.packages.map((item) => {
    const id = stores.catalogue.findPatchId(item.sha256);
    if (id === undefined) {
      throw new CatalogueError(
        'CATALOGUE_PATCH_UNKNOWN',
        `The catalogue no longer knows ${item.name} ${item.to}.`,
        {
          hint: 'Make a new plan.',
        },
      );
    }
    return id;
  });
  const patches = ids.map((id) => stores.catalogue.getPatch(id));
  const endpoint = stores.endpoints.get(plan.endpointId);
  const inventory = endpoint === undefined ? undefined : stores.findings.inventoryOf(endpoint)?.inventory;
  return {
    repositories: sliceFor(
      stores,
      { distribution: plan.distribution, codename: plan.codename, arch: inventory?.arch ?? 'amd64' },
      ids,
    ),
    downloadBytes: patches.reduce((sum, patch) => sum + patch.size, 0),
    installedBytes: patches.reduce((sum, patch) => sum + patch.installedSize * 1024, 0),
  };
}
