/** A step in whose middle a cable can be pulled. */
export type DropStep = 'preflight' | 'stage' | 'install' | 'verify' | 'clean-up';

/**
 * What can go wrong with an endpoint, done to it on purpose. The simulated lab and the real one have the same words;
 * every fault is gone when the lab puts the endpoint back.
 */
export interface LabFaults {
  /** Pulls its cable: sessions hang or break, nothing on it stops. */
  networkDown(endpoint: string): Promise<void>;
  networkUp(endpoint: string): Promise<void>;
  /** Cuts its power: everything that ran is gone. */
  powerOff(endpoint: string): Promise<void>;
  powerOn(endpoint: string): Promise<void>;
  /** It shows another host key from the next connection on. */
  changeHostKey(endpoint: string): Promise<void>;
  /** Its login user has another password for sudo than the vault knows. */
  changeSudoPassword(endpoint: string): Promise<void>;
  fillDisk(endpoint: string): Promise<void>;
  /** Somebody else holds the package manager's lock until the endpoint is put back. */
  holdAptLock(endpoint: string): Promise<void>;
  /** No snapshot of its disk can be taken. */
  breakSnapshots(endpoint: string): Promise<void>;
  /** Its health check fails as soon as this package has another version than now. */
  failHealthCheck(endpoint: string, packageName: string): Promise<void>;
  /** Its next install loses dpkg while packages are half-way. Resolves when that has happened, or is sure to happen. */
  killDpkg(endpoint: string): Promise<void>;
  /** Pulls its cable in the middle of that step, once, and plugs it in again after a while. Returns before that. */
  dropDuring(endpoint: string, step: DropStep, forMs: number): Promise<void>;
}
