import { ContractError } from '../../contract/errors.ts';
import { RACI_ELEMENTS } from '../../contract/vocabulary.ts';
import type { RaciMatrixView, RaciRow as RaciRowView } from '../../contract/raci.ts';
import { changedElements, changeMatrix, DEFAULT_RACI, type RaciRow } from '../core/raci/matrix.ts';
import { WITHOUT_STEP } from '../core/raci/occasions.ts';
import type { Handlers } from './dispatch.ts';
import { noticeMatrix } from './site-notices.ts';
import { currentMatrix } from './notices.ts';
import { raciOf } from './raci-of.ts';
import type { CallContext } from './services.ts';

type RaciHandlers = Pick<Handlers, 'raci.get' | 'raci.set' | 'raci.of'>;

export const raciHandlers: RaciHandlers = {
  'raci.get': (_input, context) => matrixView(context),
  'raci.set': (input, context) => {
    const { services } = context;
    const { version, rows } = currentMatrix(services);
    if (input.basedOn !== version) {
      throw new ContractError(
        'CONTRACT_CONFLICT',
        `The matrix is at version ${version}, not ${input.basedOn}.`,
        {
          hint: 'Look at it again, then change it.',
        },
      );
    }
    for (const { personId } of input.rows.flatMap((row) => row.persons)) {
      const person = services.site.findPerson(personId);
      if (person === undefined || person.roles.length === 0) {
        throw new ContractError('CONTRACT_NOT_FOUND', 'A person named in the matrix is not here.', {
          hint: 'Choose somebody from the list of people.',
          subject: { personId },
        });
      }
    }
    const after = changeMatrix(rows, input.rows);
    const changed = changedElements(rows, after);
    if (changed.length === 0) throw new ContractError('CONTRACT_CONFLICT', 'Nothing would change.');
    const { reason } = input;
    context.commit({ version: String(version + 1), elements: changed.join(' '), reason }, () => {
      services.raci.insertVersion({
        version: version + 1,
        at: services.now(),
        by: context.person().id,
        reason,
        rows: after,
      });
      noticeMatrix(services, { version: version + 1, by: context.person().name, reason });
    });
    services.publish({ kind: 'changed', area: 'site', id: null });
    return matrixView(context);
  },
  'raci.of': (input, { services }) => raciOf(services, input.about),
};

const copy = (row: RaciRow): RaciRowView => ({
  ...row,
  provider: [...row.provider],
  customer: [...row.customer],
  persons: row.persons.map((person) => ({ ...person })),
});

function matrixView({ services, session }: CallContext): RaciMatrixView {
  const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
  const versions = services.raci.listVersions();
  const history = versions.map(({ version, at, by, reason, rows }, index) => ({
    version,
    at,
    by: nameOf(by),
    reason,
    changed: changedElements(versions[index - 1]?.rows ?? DEFAULT_RACI, rows),
  }));
  const newest = versions.at(-1);
  return {
    current: {
      version: newest?.version ?? 0,
      at: newest?.at ?? null,
      by: newest === undefined ? null : nameOf(newest.by),
      reason: newest?.reason ?? '',
      rows: (newest?.rows ?? DEFAULT_RACI).map(copy),
    },
    history: history.toReversed(),
    mayChange: session.person?.roles.includes('service-manager') === true,
    withoutStep: RACI_ELEMENTS.flatMap((element) => {
      const why = WITHOUT_STEP[element];
      return why === undefined ? [] : [{ element, why }];
    }),
  };
}
