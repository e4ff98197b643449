import { useState } from 'react';
import type { SiteRegisterView } from '../../../contract/collect.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { countOf, formatBytes, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

interface Given {
  readonly site: string;
  readonly stream: string;
  readonly seq: number;
}

/** For sites that let nothing out: what each was given, and the way back for a bundle that never arrived. */
export function SiteRegisters(props: {
  readonly registers: readonly SiteRegisterView[];
  readonly isEngineer: boolean;
}) {
  const { collect } = useApplication();
  const [lost, setLost] = useState<Given | null>(null);
  const takeBack = useAction((given: Given) => collect.getState().takeBack(given));
  return (
    <div className="scroll register">
      <p className="soft">
        The next bundle for a site leaves out what stands here. It says what was written, not what arrived.
      </p>
      {props.registers.map(({ site, bundles }) => (
        <section key={site}>
          <h2>{site}</h2>
          {bundles.length === 0 ? (
            <p className="soft">Everything was taken back. The next bundle is a full one.</p>
          ) : (
            <table className="plain-table">
              <thead>
                <tr>
                  <th>Bundle</th>
                  <th>Builds on</th>
                  <th>Signed</th>
                  <th>Objects</th>
                  <th>Size</th>
                  {props.isEngineer && <th>If it never arrived</th>}
                </tr>
              </thead>
              <tbody>
                {bundles.map(({ stream, seq, base, createdAt, objects, bytes }) => (
                  <tr key={`${stream} ${seq}`}>
                    <td>
                      {stream} {seq}
                    </td>
                    <td>{base === 0 ? 'Nothing' : `${stream} ${base}`}</td>
                    <td>{formatDay(createdAt)}</td>
                    <td className="figures">{formatCount(objects)}</td>
                    <td className="figures">{formatBytes(bytes)}</td>
                    {props.isEngineer && (
                      <td>
                        <Button kind="quiet" onPress={() => setLost({ site, stream, seq })}>
                          Take back {stream} {seq}
                        </Button>
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      ))}
      {lost !== null && (
        <ConfirmDialog
          title={`Did ${lost.stream} ${lost.seq} never arrive at ${lost.site}?`}
          name={`${lost.stream} ${lost.seq}`}
          nameLabel="Name of the bundle"
          actionLabel="Take it back"
          busy={takeBack.busy}
          failure={takeBack.failure}
          onConfirm={() =>
            void takeBack.run(lost).then((done) => {
              if (done !== null) setLost(null);
            })
          }
          onClose={() => setLost(null)}
        >
          <p>
            It is struck out{describeFollowers(followers(props.registers, lost))}, and the next bundle for{' '}
            {lost.site} brings its content again.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}

const describeFollowers = (count: number): string =>
  count === 0 ? '' : `, with ${countOf(count, 'bundle')} that ${count === 1 ? 'builds' : 'build'} on it`;

/** Bundles of the same stream that rest on this one, directly or not. */
function followers(registers: readonly SiteRegisterView[], { site, stream, seq }: Given): number {
  const lost = new Set([seq]);
  const oldestFirst = (registers.find((register) => register.site === site)?.bundles ?? []).toReversed();
  for (const bundle of oldestFirst)
    if (bundle.stream === stream && lost.has(bundle.base)) lost.add(bundle.seq);
  return lost.size - 1;
}
