/** How a person logs in to an endpoint, and what sudo asks of them. */
export type EndpointSpec = {
  /** Name by role; also the name of the virtual machine and of its disk. */
  readonly name: string;
  readonly suite: Suite;
  readonly address: string;
  readonly login: 'key' | 'password';
  readonly sudo: 'password' | 'no-password';
};

export type Suite = 'bookworm' | 'bullseye';

/** Suite that is used where another is no longer served. */
export const FALLBACK_SUITE: Suite = 'bookworm';

export const OPERATOR = 'ops';

/** Three endpoints that differ in release, login and sudo, as they do in the field. */
export const FLEET: readonly EndpointSpec[] = [
  { name: 'web-1', suite: 'bookworm', address: '10.77.0.11', login: 'key', sudo: 'password' },
  { name: 'db-1', suite: 'bullseye', address: '10.77.0.12', login: 'password', sudo: 'password' },
  { name: 'app-1', suite: 'bookworm', address: '10.77.0.13', login: 'key', sudo: 'no-password' },
];

/** Packages of a base beyond Debian's minimal set: small, and often the subject of an advisory. */
export const BASE_PACKAGES = [
  'bind9-dnsutils',
  'ca-certificates',
  'curl',
  'gnupg',
  'iproute2',
  'libxml2',
  'nginx-light',
  'openssh-server',
  'openssl',
  'perl',
  'procps',
  'rsync',
  'sudo',
  'sysvinit-core',
] as const;
