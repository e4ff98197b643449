import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHANNELS, type ChannelName, type InputOf, type OutputOf } from '../../../../contract/channels.ts';
import { openEngine, type Engine, type SessionId } from '../../../../main/app/compose.ts';
import type { RemoteShell } from '../../../../main/remote/remote-shell.ts';

const ASHA = 'tin kettle river stone';
const BILAL = 'quiet marble lantern nine';
const SECRET = 'the-password-of-web-1';

/** Nothing in these tests may open a connection. */
const NO_SHELL: RemoteShell = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};

let folder: string;
let engine: Engine;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-app-'));
  engine = await openEngine({ dataDir: folder, shell: NO_SHELL, kdfCost: { N: 1024, r: 8, p: 1 } });
});

afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call<N extends ChannelName>(
  session: SessionId,
  name: N,
  input: InputOf<N>,
): Promise<OutputOf<N>> {
  const reply = await engine.invoke(session, name, input);
  if (!reply.ok) throw new Error(`${reply.failure.code}: ${reply.failure.message}`);
  return reply.value as OutputOf<N>;
}

async function codeOf(session: SessionId, name: string, input: unknown): Promise<string> {
  const reply = await engine.invoke(session, name, input);
  return reply.ok ? 'ok' : reply.failure.code;
}

async function newSite(): Promise<{ asha: SessionId; bilal: SessionId }> {
  const asha = engine.openSession();
  await call(asha, 'site.create', {
    name: 'Ward 9',
    person: { name: 'Asha', roles: ['engineer', 'service-manager'], passphrase: ASHA },
  });
  return { asha, bilal: await arrive(asha, { name: 'Bilal', roles: ['approver'], passphrase: BILAL }) };
}

/** Somebody adds the person, who then chooses a passphrase of their own. */
async function arrive(adder: SessionId, { passphrase, ...who }: InputOf<'persons.add'>): Promise<SessionId> {
  const first = `${passphrase}, once`;
  await call(adder, 'persons.add', { ...who, passphrase: first });
  const session = engine.openSession();
  await call(session, 'session.signIn', { person: who.name, passphrase: first });
  await call(session, 'persons.changePassphrase', { current: first, next: passphrase });
  return session;
}

const endpoint = {
  name: 'web-1',
  address: '10.9.9.1',
  user: 'ops',
  login: { kind: 'password' as const, password: SECRET },
  sudo: { kind: 'passwordless' as const },
};

describe('dispatch', () => {
  test('lets a role that was taken away no longer count in a window that is open, and ends ended access there', async () => {
    const { asha, bilal } = await newSite();
    const approval = { id: '00000000-0000-4000-8000-000000000000', planDigest: 'a'.repeat(64) };
    expect(await codeOf(bilal, 'approvals.grant', approval)).toBe('CONTRACT_NOT_FOUND');
    await call(asha, 'persons.setRoles', { person: 'Bilal', roles: ['auditor'], reason: 'moved on' });
    expect(await codeOf(bilal, 'approvals.grant', approval)).toBe('CONTRACT_FORBIDDEN');
    expect((await call(bilal, 'site.get', {})).signedIn?.roles).toEqual(['auditor']);
    await call(asha, 'persons.endAccess', { person: 'Bilal', reason: 'left' });
    expect(await codeOf(bilal, 'persons.list', {})).toBe('CONTRACT_NOT_SIGNED_IN');
    expect(await codeOf(bilal, 'session.signIn', { person: 'Bilal', passphrase: BILAL })).toBe(
      'CONTRACT_FORBIDDEN',
    );
    const { site } = await call(asha, 'site.get', {});
    expect(site?.singleOperator).toBe(true);
    expect(
      await codeOf(asha, 'persons.setRoles', {
        person: 'Asha',
        roles: ['engineer', 'service-manager', 'approver'],
        reason: 'alone now',
      }),
    ).toBe('ok');
  });

  test('lets no engineer bring a second self that approves, once a service manager can sign in', async () => {
    const { asha } = await newSite();
    const passphrase = 'slow copper window tide';
    const person = (name: string, ...roles: ('engineer' | 'approver' | 'service-manager' | 'auditor')[]) => ({
      ...{ name, roles, passphrase },
    });
    const carol = await arrive(asha, person('Carol', 'engineer'));
    for (const roles of [['approver'], ['service-manager'], ['auditor', 'approver']] as const)
      expect(await codeOf(carol, 'persons.add', person('Carol too', ...roles))).toBe('POLICY_ROLE_MISSING');
    expect(
      await codeOf(carol, 'reviewers.enrol', {
        ...{ name: 'Bilal', publicKey: '1'.repeat(64), validUntil: null },
        fingerprint: createHash('sha256')
          .update(Buffer.from('1'.repeat(64), 'hex'))
          .digest('hex'),
      }),
    ).toBe('POLICY_ROLE_MISSING');
    expect((await call(asha, 'persons.list', {})).map(({ name }) => name)).not.toContain('Carol too');
    expect(await call(asha, 'reviewers.list', {})).toEqual([]);
    expect((await call(asha, 'audit.list', {})).at(-1)).toMatchObject({
      ...{ actor: 'Carol', action: 'reviewers.enrol refused' },
    });
    expect(await codeOf(carol, 'persons.add', person('Dan', 'engineer', 'auditor'))).toBe('ok');
    expect(await codeOf(asha, 'persons.add', person('Eve', 'approver'))).toBe('ok');
  });

  test('lets whoever signs in with a passphrase that somebody else typed do nothing but choose their own', async () => {
    const { asha } = await newSite();
    const first = 'typed by somebody else';
    const own = 'slow copper window tide';
    const { keyFingerprint: before } = await call(asha, 'persons.add', {
      ...{ name: 'Eve', passphrase: first, roles: ['engineer', 'approver', 'service-manager'] },
    });
    const [eve, other] = [engine.openSession(), engine.openSession()];
    for (const session of [eve, other]) {
      const signedIn = await call(session, 'session.signIn', { person: 'Eve', passphrase: first });
      expect(signedIn).toMatchObject({ addedBy: 'Asha', mustChoosePassphrase: true });
    }
    for (const name of Object.keys(CHANNELS) as ChannelName[]) {
      if (CHANNELS[name].requires === 'anyone' || name === 'persons.changePassphrase') continue;
      const code = await codeOf(eve, name, {});
      expect([name, code]).toEqual([
        name,
        CHANNELS[name].requires === 'signed-in' || CHANNELS[name].requires.some((role) => role !== 'auditor')
          ? 'POLICY_PASSPHRASE_NOT_OWN'
          : code,
      ]);
    }
    const change = (current: string, next: string) =>
      codeOf(eve, 'persons.changePassphrase', { current, next });
    expect(await change(first, first)).toBe('CONTRACT_INPUT_INVALID');
    expect(await change('not what I was given', own)).toBe('VAULT_PASSPHRASE_WRONG');
    expect(await change(first, 'short')).toBe('VAULT_PASSPHRASE_WEAK');
    expect(await codeOf(eve, 'persons.list', {})).toBe('POLICY_PASSPHRASE_NOT_OWN');
    expect(await change(first, own)).toBe('ok');
    // Another key, for what whoever typed the first one could have copied; a window opened with it is signed out.
    const [mine] = (await call(eve, 'persons.list', {})).filter(({ name }) => name === 'Eve');
    expect(mine).toMatchObject({ addedBy: 'Asha', mustChoosePassphrase: false });
    expect(mine?.keyFingerprint).not.toBe(before);
    expect(await codeOf(other, 'persons.list', {})).toBe('CONTRACT_NOT_SIGNED_IN');
    expect(await codeOf(other, 'session.signIn', { person: 'Eve', passphrase: first })).toBe(
      'VAULT_PASSPHRASE_WRONG',
    );
    // Later the key stays, so that what was signed with it holds.
    expect(await change(own, 'quick silver door ebb')).toBe('ok');
    expect((await call(eve, 'site.get', {})).signedIn?.keyFingerprint).toBe(mine?.keyFingerprint);
    const db = new Database(join(folder, 'site.db'));
    for (const sql of ['added_by = id', "passphrase_by = 'x'"])
      expect(() => db.prepare(`UPDATE persons SET ${sql}`).run()).toThrow(/who added|nobody chooses/);
    db.close();
    const bytes = readFileSync(join(folder, 'site.db'));
    for (const secret of [first, own]) expect(bytes.includes(secret)).toBe(false);
  });

  test('lets the first engineer of a site without a service manager bring the second person, and then a manager', async () => {
    const ann = engine.openSession();
    const passphrase = 'slow copper window tide';
    await call(ann, 'site.create', {
      ...{ name: 'Ward 9', person: { name: 'Ann', roles: ['engineer'], passphrase } },
    });
    expect((await call(ann, 'site.get', {})).site?.singleOperator).toBe(true);
    await call(ann, 'persons.add', { name: 'Iz', roles: ['auditor'], passphrase });
    await call(ann, 'persons.add', { name: 'Bo', roles: ['approver'], passphrase: 'for the first time' });
    // Neither an auditor nor an approver whose passphrase Ann typed is another hand.
    expect((await call(ann, 'site.get', {})).site?.singleOperator).toBe(true);
    const bo = engine.openSession();
    await call(bo, 'session.signIn', { person: 'Bo', passphrase: 'for the first time' });
    await call(bo, 'persons.changePassphrase', { current: 'for the first time', next: passphrase });
    expect((await call(ann, 'site.get', {})).site?.singleOperator).toBe(false);
    expect(await codeOf(ann, 'persons.add', { name: 'Mo', roles: ['service-manager'], passphrase })).toBe(
      'ok',
    );
    expect(await codeOf(ann, 'persons.add', { name: 'Cy', roles: ['approver'], passphrase })).toBe(
      'POLICY_ROLE_MISSING',
    );
  });

  test('answers an unknown channel, wrong input and an extra field with a code, never with silence', async () => {
    const { asha } = await newSite();
    expect(await codeOf(asha, 'endpoints.explode', {})).toBe('CONTRACT_UNKNOWN_CHANNEL');
    expect(await codeOf(asha, 'toString', {})).toBe('CONTRACT_UNKNOWN_CHANNEL');
    expect(await codeOf(asha, 'endpoints.get', { id: 'not-an-id' })).toBe('CONTRACT_INPUT_INVALID');
    expect(await codeOf(asha, 'endpoints.list', { extra: 1 })).toBe('CONTRACT_INPUT_INVALID');
    expect(await codeOf(asha, 'endpoints.list', null)).toBe('CONTRACT_INPUT_INVALID');
  });

  test('lets nobody who is not signed in past the sign-in, on any channel that asks for a person', async () => {
    await newSite();
    const stranger = engine.openSession();
    for (const name of Object.keys(CHANNELS) as ChannelName[]) {
      if (CHANNELS[name].requires === 'anyone') continue;
      const code = await codeOf(stranger, name, {});
      expect([name, ['CONTRACT_NOT_SIGNED_IN', 'CONTRACT_INPUT_INVALID'].includes(code)]).toEqual([
        name,
        true,
      ]);
    }
    expect(await codeOf(stranger, 'endpoints.list', {})).toBe('CONTRACT_NOT_SIGNED_IN');
  });

  test('keeps approvers from engineering and engineers from approving', async () => {
    const { asha, bilal } = await newSite();
    expect(await codeOf(bilal, 'endpoints.add', endpoint)).toBe('CONTRACT_FORBIDDEN');
    expect(await codeOf(bilal, 'runs.resume', {})).toBe('CONTRACT_FORBIDDEN');
    const id = '00000000-0000-4000-8000-000000000000';
    expect(await codeOf(asha, 'approvals.grant', { id, planDigest: 'a'.repeat(64) })).toBe(
      'CONTRACT_FORBIDDEN',
    );
  });

  test('audits every command, also the refused one, and no secret with it (rules 10 and 11)', async () => {
    const { asha, bilal } = await newSite();
    await call(asha, 'endpoints.add', endpoint);
    await codeOf(bilal, 'endpoints.add', { ...endpoint, name: 'web-2' });
    const trail = await call(asha, 'audit.list', {});
    expect(trail.map((entry) => `${entry.actor}: ${entry.action}`)).toEqual([
      // Nobody could be signed in before there was a site; the entry's subject names who was made.
      'nobody: site.create',
      'Asha: persons.add',
      'Bilal: session.signIn',
      'Bilal: persons.changePassphrase',
      'Asha: endpoints.add',
      'Bilal: endpoints.add refused',
    ]);
    expect(trail.at(-1)?.subject['code']).toBe('CONTRACT_FORBIDDEN');
    expect(await call(asha, 'audit.verify', {})).toEqual({ entries: 6, intact: true, firstBroken: null });
  });

  test('lets no secret out: not in a reply, not in the database, not in the log', async () => {
    const { asha } = await newSite();
    const added = await call(asha, 'endpoints.add', endpoint);
    const replies = [
      added,
      await call(asha, 'endpoints.list', {}),
      await call(asha, 'endpoints.get', { id: added.id }),
      await call(asha, 'audit.list', {}),
      await engine.invoke(asha, 'endpoints.add', endpoint),
      await engine.invoke(asha, 'endpoints.add', {
        ...endpoint,
        login: { kind: 'password', password: SECRET, more: SECRET },
      }),
    ];
    expect(JSON.stringify(replies)).not.toContain(SECRET);
    const db = new Database(join(folder, 'site.db'));
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const bytes = readFileSync(join(folder, 'site.db'));
    for (const secret of [SECRET, ASHA, BILAL]) expect(bytes.includes(secret)).toBe(false);
  });

  test('opens no connection for anything but a scan, a plan or a run', async () => {
    const { asha } = await newSite();
    const added = await call(asha, 'endpoints.add', endpoint);
    await call(asha, 'endpoints.pinHostKey', { id: added.id, hostKey: `SHA256:${'A'.repeat(43)}` });
    await call(asha, 'findings.list', {});
    const { operationId } = await call(asha, 'endpoints.scan', { ids: [added.id] });
    expect(await codeOf(asha, 'operations.wait', { id: operationId })).toBe('INTERNAL');
  });

  test('signs nobody in with a wrong passphrase and says a person must sign in again after signing out', async () => {
    const { bilal } = await newSite();
    await call(bilal, 'session.signOut', {});
    expect(await codeOf(bilal, 'endpoints.list', {})).toBe('CONTRACT_NOT_SIGNED_IN');
    expect(await codeOf(bilal, 'session.signIn', { person: 'Bilal', passphrase: ASHA })).toBe(
      'VAULT_PASSPHRASE_WRONG',
    );
    expect(await codeOf(bilal, 'session.signIn', { person: 'Carol', passphrase: ASHA })).toBe(
      'CONTRACT_NOT_FOUND',
    );
    expect(await codeOf(bilal, 'endpoints.list', {})).toBe('CONTRACT_NOT_SIGNED_IN');
  });

  test('lets one engine act on a site at a time, and the second one read', async () => {
    const { asha } = await newSite();
    await call(asha, 'endpoints.scan', { ids: [] });
    const second = await openEngine({ dataDir: folder, shell: NO_SHELL, kdfCost: { N: 1024, r: 8, p: 1 } });
    try {
      const session = second.openSession();
      expect((await second.invoke(session, 'session.signIn', { person: 'Asha', passphrase: ASHA })).ok).toBe(
        true,
      );
      expect((await second.invoke(session, 'endpoints.list', {})).ok).toBe(true);
      const scan = await second.invoke(session, 'endpoints.scan', { ids: [] });
      expect(scan.ok ? 'ok' : scan.failure.code).toBe('ENGINE_BUSY');
    } finally {
      await second.close();
    }
  });
});
