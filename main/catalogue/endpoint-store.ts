import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import { HealthCheck } from '../../contract/endpoints.ts';
import type { RebootPolicy, SnapshotMode } from '../../contract/vocabulary.ts';
import type { Inventory } from '../core/inventory.ts';
import { canonicalJson } from '../core/plan.ts';
import type { Db } from './database.ts';
import { keepInstalled } from './installed-versions.ts';

export interface HypervisorRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'btrfs';
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string | null;
  readonly secretId: string;
  readonly config: {
    readonly disksRoot: string;
    readonly snapshotsRoot: string;
    readonly powerCommand: string;
  };
}

export interface EndpointRow {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string | null;
  readonly secretId: string;
  readonly hypervisorId: string | null;
  readonly vm: string | null;
  readonly snapshotMode: SnapshotMode;
  readonly restoreOnFailure: boolean;
  readonly rebootPolicy: RebootPolicy;
  readonly healthChecks: readonly z.output<typeof HealthCheck>[];
  readonly createdAt: string;
  readonly inventoryId: number | null;
  readonly scanFailure: { readonly code: string; readonly message: string; readonly at: string } | null;
}

export interface StoredInventory {
  readonly id: number;
  readonly takenAt: string;
  readonly digest: string;
  readonly inventory: Inventory;
}

const Config = z.strictObject({ disksRoot: z.string(), snapshotsRoot: z.string(), powerCommand: z.string() });
const HealthChecks = z.array(HealthCheck);
const ScanFailure = z.strictObject({ code: z.string(), message: z.string(), at: z.string() });

type Stored = Record<string, string | number | null>;

/**
 * What makes two inventories equal: the packages with version and status, what is on hold, the kernel. Not the clock,
 * the boot, nor whether a restart is due.
 */
export function inventoryDigest(inventory: Inventory): string {
  const { packages, held, kernel, distribution, codename, arch } = inventory;
  return createHash('sha256')
    .update(canonicalJson({ packages, held, kernel, distribution, codename, arch }))
    .digest('hex');
}

/** Endpoints, hypervisors and what endpoints reported. */
export class EndpointStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  listHypervisors(): readonly HypervisorRow[] {
    return (this.#db.prepare('SELECT * FROM hypervisors ORDER BY name').all() as Stored[]).map(toHypervisor);
  }

  getHypervisor(id: string): HypervisorRow | undefined {
    const row = this.#db.prepare('SELECT * FROM hypervisors WHERE id = ?').get(id) as Stored | undefined;
    return row === undefined ? undefined : toHypervisor(row);
  }

  insertHypervisor(row: HypervisorRow): void {
    this.#db
      .prepare(
        'INSERT INTO hypervisors (id, name, kind, address, port, user, host_key, secret_id, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        row.id,
        row.name,
        row.kind,
        row.address,
        row.port,
        row.user,
        row.hostKey,
        row.secretId,
        JSON.stringify(row.config),
      );
  }

  pinHypervisor(id: string, hostKey: string): void {
    this.#db.prepare('UPDATE hypervisors SET host_key = ? WHERE id = ?').run(hostKey, id);
  }

  list(): readonly EndpointRow[] {
    return (this.#db.prepare('SELECT * FROM endpoints ORDER BY name').all() as Stored[]).map(toEndpoint);
  }

  get(id: string): EndpointRow | undefined {
    const row = this.#db.prepare('SELECT * FROM endpoints WHERE id = ?').get(id) as Stored | undefined;
    return row === undefined ? undefined : toEndpoint(row);
  }

  nameTaken(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM endpoints WHERE name = ?').get(name) !== undefined;
  }

  insert(row: Omit<EndpointRow, 'inventoryId' | 'scanFailure'>): void {
    this.#db
      .prepare(
        `INSERT INTO endpoints (id, name, group_name, address, port, user, host_key, secret_id, hypervisor_id, vm, snapshot_mode,
           restore_on_failure, reboot_policy, health_checks, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        row.id,
        row.name,
        row.group,
        row.address,
        row.port,
        row.user,
        row.hostKey,
        row.secretId,
        row.hypervisorId,
        row.vm,
        row.snapshotMode,
        row.restoreOnFailure ? 1 : 0,
        row.rebootPolicy,
        JSON.stringify(row.healthChecks),
        row.createdAt,
      );
  }

  setGroup(id: string, group: string): void {
    this.#db.prepare('UPDATE endpoints SET group_name = ? WHERE id = ?').run(group, id);
  }

  pin(id: string, hostKey: string): void {
    this.#db.prepare('UPDATE endpoints SET host_key = ? WHERE id = ?').run(hostKey, id);
  }

  /** Keeps the inventory for ever and makes it the endpoint's newest. */
  insertInventory(
    endpointId: string,
    inventory: Inventory,
    takenAt: string,
    reason: 'scan' | 'before' | 'after' | 'restored',
    runId: string | null,
  ): StoredInventory {
    const digest = inventoryDigest(inventory);
    const content = deflateSync(Buffer.from(JSON.stringify(inventory), 'utf8'));
    const id = Number(
      this.#db
        .prepare(
          'INSERT INTO inventories (endpoint_id, taken_at, digest, reason, run_id, content) VALUES (?, ?, ?, ?, ?, ?)',
        )
        .run(endpointId, takenAt, digest, reason, runId, content).lastInsertRowid,
    );
    keepInstalled(this.#db, id, inventory);
    this.#db
      .prepare('UPDATE endpoints SET inventory_id = ?, scan_failure = NULL WHERE id = ?')
      .run(id, endpointId);
    return { id, takenAt, digest, inventory };
  }

  putScanFailure(endpointId: string, failure: { code: string; message: string; at: string }): void {
    this.#db
      .prepare('UPDATE endpoints SET scan_failure = ? WHERE id = ?')
      .run(JSON.stringify(failure), endpointId);
  }

  getInventory(id: number): StoredInventory | undefined {
    return toInventory(
      this.#db.prepare('SELECT * FROM inventories WHERE id = ?').get(id) as Stored | undefined,
    );
  }

  /** The inventory that a run's preflight kept. */
  findInventory(endpointId: string, runId: string, reason: string): StoredInventory | undefined {
    return toInventory(
      this.#db
        .prepare(
          'SELECT * FROM inventories WHERE endpoint_id = ? AND run_id = ? AND reason = ? ORDER BY id DESC LIMIT 1',
        )
        .get(endpointId, runId, reason) as Stored | undefined,
    );
  }

  listScans(
    endpointId: string,
    limit: number,
  ): readonly { takenAt: string; reason: string; runId: string | null }[] {
    return this.#db
      .prepare(
        'SELECT taken_at AS takenAt, reason, run_id AS runId FROM inventories WHERE endpoint_id = ? ORDER BY id DESC LIMIT ?',
      )
      .all(endpointId, limit) as { takenAt: string; reason: string; runId: string | null }[];
  }
}

function toInventory(row: Stored | undefined): StoredInventory | undefined {
  if (row === undefined) return undefined;
  const content = row['content'] as unknown as Buffer;
  return {
    id: Number(row['id']),
    takenAt: String(row['taken_at']),
    digest: String(row['digest']),
    inventory: JSON.parse(inflateSync(content).toString('utf8')) as Inventory,
  };
}

const textOrNull = (value: string | number | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value);

function toHypervisor(row: Stored): HypervisorRow {
  return {
    id: String(row['id']),
    name: String(row['name']),
    kind: 'btrfs',
    address: String(row['address']),
    port: Number(row['port']),
    user: String(row['user']),
    hostKey: textOrNull(row['host_key']),
    secretId: String(row['secret_id']),
    config: Config.parse(JSON.parse(String(row['config']))),
  };
}

function toEndpoint(row: Stored): EndpointRow {
  const failure = textOrNull(row['scan_failure']);
  return {
    id: String(row['id']),
    name: String(row['name']),
    group: String(row['group_name']),
    address: String(row['address']),
    port: Number(row['port']),
    user: String(row['user']),
    hostKey: textOrNull(row['host_key']),
    secretId: String(row['secret_id']),
    hypervisorId: textOrNull(row['hypervisor_id']),
    vm: textOrNull(row['vm']),
    snapshotMode: String(row['snapshot_mode']) as SnapshotMode,
    restoreOnFailure: row['restore_on_failure'] === 1,
    rebootPolicy: String(row['reboot_policy']) as RebootPolicy,
    healthChecks: HealthChecks.parse(JSON.parse(String(row['health_checks']))),
    createdAt: String(row['created_at']),
    inventoryId:
      row['inventory_id'] === null || row['inventory_id'] === undefined ? null : Number(row['inventory_id']),
    scanFailure: failure === null ? null : ScanFailure.parse(JSON.parse(failure)),
  };
}
