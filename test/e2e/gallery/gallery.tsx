import { createRoot } from 'react-dom/client';
import { App } from '../../../renderer/app.tsx';
import { openScene, SCENES } from './scenes.ts';

/** The real window over a fake client: `?scene=runs&theme=dark`. For tests and pictures; never shipped. */
const query = new URLSearchParams(window.location.search);
const name = query.get('scene') ?? 'today';
const scene = SCENES[name];
const root = document.getElementById('root');
if (scene === undefined || root === null) throw new Error(`no scene is called ${name}`);
const application = openScene(scene);
application.preferences.getState().setTheme(query.get('theme') === 'dark' ? 'dark' : 'light');
createRoot(root).render(<App application={application} />);
