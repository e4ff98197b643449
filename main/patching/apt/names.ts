import { PatchDriverError } from '../../../contract/errors.ts';
import type { RepositorySlice } from '../../core/repository-slice.ts';

/*
 * Everything that goes into a script or a file of apt's is held against these first: what can't be written in them can't
 * end a line, an argument or a path early. Grammar: Debian policy §5.6.1, §5.6.12, deb-version(7), dpkg-architecture(1).
 */
const STAGE_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const VERSION = /^[0-9][A-Za-z0-9.+:~-]*$/;
const SHA256 = /^[0-9a-f]{64}$/;
const SLICE = /^[a-z0-9][a-z0-9.-]*$/;
const SUITE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9._-]+)*\/?$/;
const PATH_PART = /^[A-Za-z0-9+_~:=@%,.-]+$/;
const ABSOLUTE = /^(\/[A-Za-z0-9+_~.-]+)+$/;

function refuse(what: string, value: string): never {
  throw new PatchDriverError(
    'PATCHING_CONTENT_MISMATCH',
    `${what} ${JSON.stringify(value.slice(0, 100))} is not one that apt can have. Nothing was sent.`,
  );
}

export function checkStageId(stageId: string): string {
  return STAGE_ID.test(stageId) ? stageId : refuse('the stage id', stageId);
}

export function checkSha256(sha256: string): string {
  return SHA256.test(sha256) ? sha256 : refuse('the hash', sha256);
}

export function checkPackage(item: {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
}): void {
  if (!PACKAGE.test(item.name)) refuse('the package name', item.name);
  if (!ARCHITECTURE.test(item.arch)) refuse('the architecture', item.arch);
  if (!VERSION.test(item.version)) refuse('the version', item.version);
}

/** A path below a repository's base: relative, plain names only. */
export function checkPath(path: string): string {
  const parts = path.split('/');
  const plain = parts.every((part) => PATH_PART.test(part) && part !== '.' && part !== '..');
  return plain && path.length <= 1024 ? path : refuse('the path', path);
}

export function checkSlice(slice: RepositorySlice): void {
  if (!SLICE.test(slice.name)) refuse('the repository name', slice.name);
  if (!SUITE.test(slice.suite) || slice.suite.includes('..')) refuse('the suite', slice.suite);
  if (!ARCHITECTURE.test(slice.arch)) refuse('the architecture', slice.arch);
  if (!ABSOLUTE.test(slice.signedBy) || slice.signedBy.includes('/..')) refuse('the keyring', slice.signedBy);
  if (slice.components.length === 0) refuse('the list of components', '');
  for (const component of slice.components) {
    if (!SUITE.test(component) || component.includes('..')) refuse('the component', component);
  }
  for (const file of [...slice.metadata, ...slice.packages]) {
    checkPath(file.path);
    checkSha256(file.sha256);
    if (!Number.isSafeInteger(file.size) || file.size < 0) refuse('the size', String(file.size));
  }
}
