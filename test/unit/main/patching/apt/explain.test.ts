import { describe, expect, it } from 'vitest';
import {
  explainInstall,
  explainSimulation,
  explainUpdate,
} from '../../../../../main/patching/apt/explain.ts';
import { freeText, parseInstallStatus, parseSections } from '../../../../../main/patching/apt/parse.ts';
import { readTranscript } from '../../../../support/transcripts.ts';

const sections = (name: string) => parseSections(readTranscript('bookworm', name));

describe('why apt refuses a staged repository', () => {
  it.each([
    ['resolve-release-spoiled', 'PATCHING_VENDOR_SIGNATURE_BAD'],
    ['resolve-keyring-absent', 'PATCHING_VENDOR_SIGNATURE_BAD'],
    ['resolve-key-unknown', 'PATCHING_VENDOR_SIGNATURE_BAD'],
    ['resolve-index-spoiled', 'PATCHING_CONTENT_MISMATCH'],
    ['resolve-clock-ahead', 'PATCHING_CLOCK_WRONG'],
    ['resolve-clock-behind', 'PATCHING_CLOCK_WRONG'],
    ['resolve-disk-full', 'PATCHING_DISK_FULL'],
  ])('%s', (name, code) => {
    const failure = explainUpdate(freeText(sections(name), 'update-log'));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(/\n/);
  });
});

describe('why apt refuses a transaction', () => {
  it.each([
    ['resolve-version-unknown', 'PATCHING_TRANSACTION_DIFFERS'],
    ['resolve-package-held', 'PATCHING_PACKAGE_HELD'],
  ])('%s', (name, code) => {
    expect(explainSimulation(freeText(sections(name), 'simulate-log')).code).toBe(code);
  });
});

describe('why an install failed', () => {
  it.each([
    ['read-install-lock-held', 'PATCHING_LOCK_HELD'],
    ['read-install-disk-full', 'PATCHING_DISK_FULL'],
    ['read-install-hash-mismatch', 'PATCHING_CONTENT_MISMATCH'],
    ['read-install-content-changed', 'PATCHING_CONTENT_MISMATCH'],
    ['read-install-transaction-differs', 'PATCHING_TRANSACTION_DIFFERS'],
    ['read-install-postinst-failed', 'PATCHING_INSTALL_FAILED'],
    ['read-install-dpkg-killed', 'PATCHING_INSTALL_FAILED'],
    ['read-install-vanished', 'PATCHING_INSTALL_FAILED'],
  ])('%s', (name, code) => {
    expect(explainInstall(parseInstallStatus(sections(name))).code).toBe(code);
  });

  it('names the package that dpkg stumbled over', () => {
    expect(explainInstall(parseInstallStatus(sections('read-install-postinst-failed'))).message).toContain(
      'at libc-bin',
    );
  });
});
