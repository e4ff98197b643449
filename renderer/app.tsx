import '@fontsource-variable/inter/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/parts.css';
import './styles/table.css';
import './styles/frame.css';
import './styles/screens.css';
import './styles/collect.css';
import './styles/enrolment.css';
import './styles/decide.css';
import './styles/policy.css';
import './styles/print.css';
import { ServerOff } from 'lucide-react';
import { useEffect, useLayoutEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { useStore } from 'zustand';
import { Button } from './components/button.tsx';
import { SingleKeysContext } from './components/keys.tsx';
import { Empty, FailureNote, Loading } from './components/notes.tsx';
import { Frame } from './frame/frame.tsx';
import { FirstStart } from './screens/sign-in/first-start.tsx';
import { ChoosePassphrase } from './screens/sign-in/choose-passphrase.tsx';
import { SignIn } from './screens/sign-in/sign-in.tsx';
import { loadSite, type Application } from './stores/application.ts';
import { ApplicationProvider, useApplication } from './stores/context.tsx';

/** The window: whoever opens it meets the first start, the sign-in or the work, as the site stands. */
export function App(props: { readonly application: Application }) {
  const { application } = props;
  const theme = useStore(application.preferences, (state) => state.theme);
  const singleKeys = useStore(application.preferences, (state) => state.singleKeys);
  useTheme(theme);
  useEffect(() => void application.session.getState().refresh(), [application]);
  return (
    <I18nProvider locale="en-GB">
      <ApplicationProvider application={application}>
        <SingleKeysContext value={singleKeys}>
          <Stage />
        </SingleKeysContext>
      </ApplicationProvider>
    </I18nProvider>
  );
}

function Stage() {
  const application = useApplication();
  const site = useStore(application.session, (state) => state.site);
  const signedIn = site.value?.signedIn ?? null;
  const mustChoose = signedIn?.mustChoosePassphrase === true;
  const personId = mustChoose ? null : (signedIn?.id ?? null);
  const workspace = site.value?.site?.workspace ?? 'operate';
  // Review has no accounts.
  const who = workspace === 'review' ? 'anyone' : personId;
  const loadFor = who === null ? null : `${who} ${workspace}`;
  const loadedFor = useLoadedSite(loadFor);
  useReadyMark(site.value !== null && loadedFor === loadFor);
  if (site.value === null) {
    return (
      <main className="stage">
        <h1 className="unseen">Sallyport</h1>
        {site.failure === null ? (
          <Loading what="the site" />
        ) : (
          <Empty
            icon={ServerOff}
            title="The engine does not answer"
            action={
              <Button kind="primary" onPress={() => void application.session.getState().refresh()}>
                Try again
              </Button>
            }
          >
            <FailureNote failure={site.failure} />
          </Empty>
        )}
      </main>
    );
  }
  if (site.value.site === null) return <FirstStart />;
  if (site.value.signedIn === null && workspace !== 'review') return <SignIn site={site.value} />;
  if (mustChoose) return <ChoosePassphrase site={site.value} />;
  return <Frame site={site.value} />;
}

/** The person and the workspace for whom everything has been read once; `null` while nobody is signed in. */
function useLoadedSite(loadFor: string | null): string | null {
  const application = useApplication();
  const [loadedFor, setLoadedFor] = useState<string | null>(null);
  useEffect(() => {
    if (loadFor === null) return;
    let current = true;
    void loadSite(application).then(() => {
      if (current) setLoadedFor(loadFor);
    });
    return () => {
      current = false;
    };
  }, [application, loadFor]);
  return loadFor === null ? null : loadedFor;
}

/** Tells a test, or whoever takes a picture, that what stands there is real. */
function useReadyMark(ready: boolean): void {
  useEffect(() => {
    if (ready) document.documentElement.dataset['ready'] = 'true';
    else delete document.documentElement.dataset['ready'];
  }, [ready]);
}

function useTheme(theme: 'light' | 'dark' | 'system'): void {
  useLayoutEffect(() => {
    const query =
      typeof window.matchMedia === 'function' ? window.matchMedia('(prefers-color-scheme: dark)') : null;
    const apply = (): void => {
      const dark = theme === 'dark' || (theme === 'system' && query?.matches === true);
      document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    };
    apply();
    query?.addEventListener('change', apply);
    return () => query?.removeEventListener('change', apply);
  }, [theme]);
}
