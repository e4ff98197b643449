/** What was seen of one medium when it was put in. */
export interface MediumIdentity {
  /** Of the file system. */
  readonly label: string | null;
  /** Of the device: what is engraved on it or in it. */
  readonly serial: string | null;
  /** Whether the system read the serial or a person typed it. */
  readonly serialFrom: 'system' | 'person' | null;
  /** `vfat`, `exfat`, `ntfs`, `ext4` ... */
  readonly fileSystem: string | null;
}

export const UNKNOWN_MEDIUM: MediumIdentity = {
  label: null,
  serial: null,
  serialFrom: null,
  fileSystem: null,
};

/** One link of the chain of custody: a medium that was put in and read to its end. */
export interface Arrival {
  readonly volume: number;
  readonly volumes: number;
  /** ISO-8601. */
  readonly arrivedAt: string;
  readonly importedBy: string;
  /** Who brought it. */
  readonly carrier: string | null;
  readonly medium: MediumIdentity;
  /** Objects and parts that lie on it. */
  readonly files: number;
}

/** What may be said of a medium by hand. */
export interface CarriedBy {
  readonly carrier?: string;
  readonly medium?: MediumIdentity;
}
