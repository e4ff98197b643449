import { describe, expect, it } from 'vitest';
import { describeSignature } from '../../../../main/collect/authenticode.ts';

const SIGNED = `Signature Index: 0  (Primary Signature)

Message digest algorithm  : SHA256
Current message digest    : FF23C573
Calculated message digest : FF23C573

Signer's certificate:
	------------------
	Signer #0:
		Subject: /C=US/O=Microsoft Corporation/CN=Microsoft Windows
		Issuer : /C=US/O=Microsoft Corporation/CN=Microsoft Windows Production PCA 2011
Signature verification: failed
`;

describe('who signed, by osslsigncode’s report', () => {
  it('is read where the digest holds, whatever it says of the chain', () => {
    expect(describeSignature(SIGNED)).toEqual({
      state: 'read',
      subject: '/C=US/O=Microsoft Corporation/CN=Microsoft Windows',
      digest: 'SHA256 FF23C573',
    });
  });

  it.each([
    [
      'broken',
      SIGNED.replace('Calculated message digest : FF23C573', 'Calculated message digest : 00    MISMATCH!!!'),
    ],
    ['none', 'Failed\nNo signature found\n'],
    ['not read', ''],
    ['not read', 'Unable to open file\nFailed\n'],
  ])('is %s elsewhere', (state, report) => {
    expect(describeSignature(report)?.state).toBe(state);
  });
});
