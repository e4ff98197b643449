import type { Input } from '../input.ts';
import { usageError } from '../usage.ts';

interface Row {
  readonly patch: string;
  readonly verdict: 'approve' | 'reject' | 'defer' | 'ask';
  readonly reason: string;
  readonly until: string | null;
  readonly control: string;
}

interface NamedPatch {
  readonly sha256: string;
  readonly package: string;
  readonly source: string;
}

/** How a person decides on the command line, at the site and on the customer's own machine. */
export const DECIDE_OPTIONS = [
  { flags: '--approve <patch>', about: 'name of a package or source, or beginning of a hash', repeat: true },
  { flags: '--reject <patch=reason>', about: 'with the reason', repeat: true },
  {
    flags: '--defer <patch=day=reason>',
    about: 'until a day (YYYY-MM-DD), with the reason; needs --control too',
    repeat: true,
  },
  {
    flags: '--control <patch=what>',
    about: 'what protects meanwhile, for a patch that is deferred',
    repeat: true,
  },
  {
    flags: '--ask <patch=question>',
    about: 'a question to the site; nothing of it is installed meanwhile',
    repeat: true,
  },
  { flags: '--approve-rest', about: 'approve all that no other option names' },
] as const;

/**
 * What the options say about the patches of a pack. A package's name wins over a source's; a source stands for all of its
 * packages.
 *
 * @throws CONTRACT_INPUT_INVALID for a name that is in no patch, or in two options; for a control of what is not deferred
 */
export function readRows(input: Input, pack: { readonly patches: readonly NamedPatch[] }): Row[] {
  const rows = new Map<string, Row>();
  const decide = (name: string, row: Omit<Row, 'patch'>): void => {
    for (const { sha256 } of find(pack.patches, name)) {
      if (rows.has(sha256)) throw usageError(`${name} is decided by more than one option.`);
      rows.set(sha256, { ...row, patch: sha256 });
    }
  };
  const plain = { reason: '', until: null, control: '' };
  for (const name of input.list('approve')) decide(name, { ...plain, verdict: 'approve' });
  for (const word of input.list('reject')) {
    const [, name = '', reason = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    decide(name, { ...plain, verdict: 'reject', reason });
  }
  for (const word of input.list('defer')) {
    const [, name = '', day = '', reason = ''] = /^([^=]+)=(\d{4}-\d{2}-\d{2})=(.*)$/.exec(word) ?? [];
    if (Number.isNaN(Date.parse(day))) {
      throw usageError(`"${word}" does not fit --defer.`, 'Write --defer NAME=YYYY-MM-DD=REASON.');
    }
    decide(name, { ...plain, verdict: 'defer', reason, until: `${day}T00:00:00.000Z` });
  }
  for (const word of input.list('control')) {
    const [, name = '', control = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    if (control.trim() === '')
      throw usageError(`"${word}" does not fit --control.`, 'Write --control NAME=WHAT.');
    for (const { sha256 } of find(pack.patches, name)) {
      const row = rows.get(sha256);
      if (row?.verdict !== 'defer') throw usageError(`--control ${name}: nothing of it is deferred.`);
      rows.set(sha256, { ...row, control });
    }
  }
  for (const word of input.list('ask')) {
    const [, name = '', reason = ''] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    decide(name, { ...plain, verdict: 'ask', reason });
  }
  if (input.flag('approveRest')) {
    for (const { sha256 } of pack.patches) {
      if (!rows.has(sha256)) rows.set(sha256, { ...plain, patch: sha256, verdict: 'approve' });
    }
  }
  return pack.patches.flatMap(({ sha256 }) => rows.get(sha256) ?? []);
}

function find(patches: readonly NamedPatch[], name: string): readonly NamedPatch[] {
  const ways: ((patch: NamedPatch) => boolean)[] = [
    (patch) => patch.package === name,
    (patch) => patch.source === name,
    (patch) => /^[0-9a-f]{8,64}$/.test(name) && patch.sha256.startsWith(name),
  ];
  for (const matches of ways) {
    const found = patches.filter(matches);
    if (found.length > 0) return found;
  }
  throw usageError(`No patch of this pack is called "${name}".`, '`sallyport review show` lists them.');
}
