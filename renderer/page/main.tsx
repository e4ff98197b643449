import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/controls.css';
import '../styles/parts.css';
import '../styles/table.css';
import '../styles/frame.css';
import '../styles/screens.css';
import '../styles/collect.css';
import '../styles/decide.css';
import '../styles/enrolment.css';
import '../styles/print.css';
import './page.css';
import { createRoot } from 'react-dom/client';
import { ReviewPage } from './page.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('review.html has no element with the id root.');
createRoot(root).render(
  <ReviewPage envelope={document.getElementById('sallyport-pack')?.textContent ?? ''} />,
);
