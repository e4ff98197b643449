import { useState } from 'react';
import type { Failure } from '../../../contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useApplication } from '../../stores/context.tsx';

export interface Scan {
  readonly failure: Failure | null;
  readonly start: (ids: readonly string[]) => void;
  readonly dismiss: () => void;
}

/** Starts a scan and lets it run: its progress is at the top of the window, its results come by themselves. */
export function useScan(): Scan {
  const { endpoints, operations } = useApplication();
  const [failure, setFailure] = useState<Failure | null>(null);
  return {
    failure,
    start: (ids) => {
      setFailure(null);
      void (async () => {
        const reply = await endpoints.getState().scan(ids);
        if (!reply.ok) {
          setFailure(reply.failure);
          return;
        }
        const ended = await operations.getState().wait(reply.value.operationId);
        if (!ended.ok && ended.failure.code !== 'CONTRACT_CANCELLED') setFailure(ended.failure);
      })();
    },
    dismiss: () => setFailure(null),
  };
}

export function ScanFailures(props: { readonly scan: Scan }) {
  const { failure, dismiss } = props.scan;
  if (failure === null) return null;
  return (
    <FailureNote
      failure={failure}
      what="The scan failed"
      action={
        <Button kind="quiet" onPress={dismiss}>
          Dismiss
        </Button>
      }
    />
  );
}
