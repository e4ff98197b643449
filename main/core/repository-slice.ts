/** A file of a vendor's repository. */
export interface RepositoryFile {
  /** Path below the repository's base, as the vendor's index names it (decoded), for example `pool/main/o/...deb`. */
  readonly path: string;
  /** Where its bytes are on this machine. */
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

/**
 * Part of a vendor's repository, bytes untouched: the signed release file, the indexes of one architecture and only
 * the packages wanted. apt on the endpoint verifies it as it would the whole repository.
 */
export interface RepositorySlice {
  /** Folder name on the endpoint, for example `debian-security`. Matches /^[a-z0-9][a-z0-9.-]*$/. */
  readonly name: string;
  /** As in sources.list(5). */
  readonly suite: string;
  readonly components: readonly string[];
  readonly arch: string;
  /** Keyring on the endpoint that vouches for the release file; an absolute path. */
  readonly signedBy: string;
  /** Release files and indexes. */
  readonly metadata: readonly RepositoryFile[];
  /** .deb files. */
  readonly packages: readonly RepositoryFile[];
}
