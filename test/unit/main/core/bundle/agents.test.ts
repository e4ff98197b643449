import { describe, expect, it } from 'vitest';
import {
  agentPath,
  agentsOf,
  judgeAgents,
  newestAgent,
  whyNoAgent,
  type KnownAgent,
} from '../../../../../main/core/bundle/agents.ts';
import type { BundledAgent } from '../../../../../main/core/bundle/contents.ts';
import type { ManifestObject } from '../../../../../main/core/bundle/manifest.ts';
import { codeOf } from '../../../../support/coded.ts';

const hash = (version: string): string => Buffer.from(version).toString('hex').padEnd(64, '0').slice(0, 64);
const agent = (version: string): BundledAgent => ({
  name: 'sallyport-agent',
  version,
  architecture: 'all',
  path: agentPath(version),
  sha256: hash(version),
});
const object = (version: string): ManifestObject => ({
  sha256: hash(version),
  size: 1,
  class: 'agent',
  path: agentPath(version),
});
const known = (version: string, isHeld = true): KnownAgent => ({
  name: 'sallyport-agent',
  version,
  sha256: hash(version),
  isHeld,
});
const judge = (versions: readonly string[], site: readonly KnownAgent[]): void => {
  judgeAgents(versions.map(agent), versions.map(object), site);
};

describe('agents of a bundle', () => {
  it('may be new, newer, the same again, and older where that very version is still here', () => {
    judge([], []);
    judge(['1.0', '1.1'], []);
    judge(['1.10'], [known('1.9')]);
    judge(['1.9', '1.10'], [known('1.9'), known('1.10')]);
  });

  it.each([
    ['1.9', [known('1.10')]],
    ['2.0~rc1', [known('2.0')]],
    ['1.9', [known('1.9', false), known('1.10')]],
  ])('of version %s is refused where the site has a newer one', (version, site) => {
    expect(codeOf(() => judge([version], site))).toBe('BUNDLE_ROLLBACK');
  });

  it('is refused when a version has other bytes or other words than the site knows', () => {
    expect(codeOf(() => judge(['1.0'], [{ ...known('1.0'), sha256: 'f'.repeat(64) }]))).toBe(
      'BUNDLE_MIX_AND_MATCH',
    );
    expect(codeOf(() => judge(['1.00'], [known('1.0')]))).toBe('BUNDLE_MIX_AND_MATCH');
  });

  it('is refused when list and manifest differ in any way', () => {
    const wrong: [readonly BundledAgent[], readonly ManifestObject[]][] = [
      [[], [object('1.0')]],
      [[agent('1.0')], []],
      [[agent('1.0'), agent('1.0')], [object('1.0')]],
      [[{ ...agent('1.0'), sha256: 'f'.repeat(64) }], [object('1.0')]],
      [[{ ...agent('1.0'), path: agentPath('2.0') }], [object('2.0')]],
      [[agent('1.0')], [{ ...object('1.0'), class: 'package' }]],
    ];
    for (const [agents, objects] of wrong)
      expect(codeOf(() => judgeAgents(agents, objects, []))).toBe('BUNDLE_MIX_AND_MATCH');
  });

  it('are named from the manifest, and the newest is that of dpkg’s order', () => {
    expect(agentsOf([object('1.0'), { ...object('2.0'), class: 'package' }])).toEqual([
      'sallyport-agent 1.0',
    ]);
    expect(newestAgent([known('1.9'), known('1.10'), known('1.10~rc1')])?.version).toBe('1.10');
    expect(newestAgent([])).toBeUndefined();
  });

  it('are judged by what the package says of itself', () => {
    const control = {
      name: 'sallyport-agent',
      version: '1.0',
      architecture: 'all',
      parts: ['control', 'md5sums'],
    };
    expect(whyNoAgent(control)).toBeNull();
    const wrong = [
      { ...control, name: 'openssl' },
      { ...control, architecture: 'amd64' },
      { ...control, version: '1:1.0' },
      { ...control, parts: ['control', 'postinst'] },
    ];
    for (const item of wrong) expect(whyNoAgent(item)).toEqual(expect.any(String));
  });
});
