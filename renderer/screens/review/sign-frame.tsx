import { Eraser } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';

/** Around each form whose words are signed: what it is, and the ways out of it. */
export function SignFrame(props: {
  /** `Sign a policy`. */
  readonly title: string;
  readonly summary: string;
  /** What was typed last time is there again. */
  readonly wasKept: boolean;
  readonly onClear: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  return (
    <section className="pack-open" aria-label={props.title}>
      <ScreenHead
        title={props.title}
        summary={props.summary}
        actions={
          <>
            {props.wasKept && (
              <Button icon={Eraser} onPress={props.onClear}>
                Begin anew
              </Button>
            )}
            <Button onPress={props.onClose}>All that I signed</Button>
          </>
        }
      />
      {props.children}
    </section>
  );
}
