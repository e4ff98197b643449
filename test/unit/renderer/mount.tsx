import { cleanup, render } from '@testing-library/react';
import { App } from '../../../renderer/app.tsx';
import { createApplication, type Application } from '../../../renderer/stores/application.ts';
import { createFakeClient, type Answers, type FakeClient } from '../../e2e/gallery/fake-client.ts';
import { NOW } from '../../e2e/gallery/fixtures/made-up.ts';

/** jsdom lays nothing out: what the virtual lists measure is given here. */
function giveLayout(): void {
  const give = (name: 'offsetWidth' | 'offsetHeight' | 'clientHeight', value: number): void => {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  };
  give('offsetWidth', 1_000);
  give('offsetHeight', 600);
  give('clientHeight', 600);
  HTMLElement.prototype.scrollTo = () => undefined;
}

export interface Mounted {
  readonly application: Application;
  readonly client: FakeClient;
}

/** The whole window over a fake client. */
export function mountWindow(
  answers: Answers,
  prepare: (application: Application) => void = () => undefined,
): Mounted {
  giveLayout();
  window.localStorage.clear();
  const client = createFakeClient(answers, '/media/usb/bundle');
  const application = createApplication({ client, storage: window.localStorage, now: () => NOW });
  prepare(application);
  render(<App application={application} />);
  return { application, client };
}

export { cleanup };
