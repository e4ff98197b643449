import type { WitnessReport } from '../patch-driver.ts';
import { linesOf, single, unquoted, unreadable, wholeNumber, type Section } from './parse.ts';

/** dpkg's rules for files that it leaves out on this endpoint; the last that matches decides. See dpkg(1) --path-exclude. */
function excludedBy(rules: readonly string[]): (file: string) => boolean {
  const compiled = rules.flatMap((rule) => {
    const [, kind, pattern] = /^path-(exclude|include) (.+)$/.exec(rule.trim()) ?? [];
    if (kind === undefined || pattern === undefined) return [];
    return [{ excludes: kind === 'exclude', matches: globExpression(pattern.replace(/^["']|["']$/g, '')) }];
  });
  return (file) => compiled.findLast((rule) => rule.matches.test(file))?.excludes ?? false;
}

/** fnmatch(3) without flags: a star also matches slashes. */
function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    if (part.length > 1) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

/** `[local] diversion of A to B [by package]`, as dpkg-divert(1) --list prints. */
function divertedFrom(lines: readonly string[]): ReadonlyMap<string, string | null> {
  const rules = new Map<string, string | null>();
  for (const line of lines) {
    const [, file, by] = /^(?:local )?diversion of (\S+) to \S+(?: by (\S+))?$/.exec(line) ?? [];
    if (file !== undefined) rules.set(file, by ?? null);
  }
  return rules;
}

/** Which package is missing from every stage, if any: nothing can be said about it. */
export function parseWitness(
  sections: readonly Section[],
  versions: ReadonlyMap<string, string>,
): WitnessReport & { readonly absent: readonly string[] } {
  const excluded = excludedBy(unquoted(linesOf(sections, 'excludes')));
  const diverted = divertedFrom(unquoted(linesOf(sections, 'diversions')));
  const absent = sections.flatMap(
    (item) => /^absent (\S+) (\S+)$/.exec(item.name)?.slice(1, 3).join(':') ?? [],
  );
  const disagreements: string[] = [];
  let filesChecked = 0;
  sections.forEach((section, index) => {
    const [, name, arch] = /^package (\S+) (\S+)$/.exec(section.name) ?? [];
    if (name === undefined || arch === undefined) return;
    const key = `${name}:${arch}`;
    const end = sections.findIndex((item, at) => at > index && /^(package|absent) /.test(item.name));
    const own = sections.slice(index, end === -1 ? undefined : end);
    const control = unquoted(section.lines);
    const field = (title: string): string | undefined =>
      control.find((line) => line.startsWith(`${title}: `))?.slice(title.length + 2);
    const claimed = `${field('Package') ?? ''}:${field('Architecture') ?? ''} ${field('Version') ?? ''}`;
    if (claimed !== `${key} ${versions.get(key) ?? ''}`) {
      disagreements.push(`${key}: the staged package calls itself ${claimed}`);
    }
    for (const line of unquoted(linesOf(own, 'unreadable'))) disagreements.push(`${key}: ${line}`);
    filesChecked += wholeNumber(single(own, 'files'), 'the number of files compared');
    const conffiles = new Set(unquoted(linesOf(own, 'conffiles')).map((line) => line.trim()));
    const folders = new Set(unquoted(linesOf(own, 'folders')));
    const elsewhere = new Set(unquoted(linesOf(own, 'elsewhere')));
    for (const line of unquoted(linesOf(own, 'differences'))) {
      const [, path, what] = /^(.*?): ([A-Z].*)$/.exec(line) ?? [];
      if (path === undefined || what === undefined) throw unreadable('a difference between files');
      const file = path.replace(/^\.?\/?/, '/');
      const divertedBy = diverted.get(file);
      if (folders.has(path) || conffiles.has(file) || elsewhere.has(file)) continue;
      if (divertedBy !== undefined && divertedBy !== name) continue;
      if (what === 'Missing' && excluded(file)) continue;
      disagreements.push(`${key}: ${file} ${what === 'Missing' ? 'is missing' : `(${what.toLowerCase()})`}`);
    }
  });
  return { disagreements, filesChecked, absent };
}
