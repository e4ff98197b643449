import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { StepList } from '../../components/step-list.tsx';
import { useApplication } from '../../stores/context.tsx';

/** What comes before the first bundle, and how far one is. */
export function FirstSteps() {
  const { collect, navigation } = useApplication();
  const view = useStore(collect, (state) => state.view.value);
  const needs = useStore(collect, (state) => state.needs.value);
  const { go } = navigation.getState();
  const hasKeys = view?.keys?.problem === null;
  const hasNeeds = (needs ?? []).length > 0;
  return (
    <div className="first-steps">
      <StepList
        label="Before the first bundle"
        steps={[
          {
            id: 'keys',
            title: 'Signing keys',
            state: hasKeys ? 'done' : 'waiting',
            detail: hasKeys ? (
              'The folder is known and its root is whole.'
            ) : (
              <Button onPress={() => go('sources')}>Make or choose the keys</Button>
            ),
          },
          {
            id: 'needs',
            title: 'A needs-list',
            state: hasNeeds ? 'done' : 'waiting',
            detail: hasNeeds ? (
              'A site has said what it needs.'
            ) : (
              <Button onPress={() => go('needs', null, 'open')}>Open a needs-list</Button>
            ),
          },
          {
            id: 'build',
            title: 'The first bundle',
            state: 'waiting',
            detail: (
              <Button
                kind="primary"
                disabled={!hasKeys || !hasNeeds}
                onPress={() => go('bundles', null, 'build')}
              >
                Build a bundle
              </Button>
            ),
          },
        ]}
      />
    </div>
  );
}
