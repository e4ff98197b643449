import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createClient } from './client/client.ts';
import { createApplication } from './stores/application.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root.');

const application = createApplication({
  client: createClient(window.sallyport),
  storage: window.localStorage,
  now: () => Date.now(),
});
setInterval(() => application.clock.setState({ now: Date.now() }), 1_000);
createRoot(root).render(<App application={application} />);
