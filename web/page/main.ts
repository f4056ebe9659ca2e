import '../../src/view/inspect/style.css';
import './style.css';
import { LivePage } from './live_page.ts';

const page = new LivePage();
// For whoever wants the numbers, tests among them.
(globalThis as { wgrad?: LivePage }).wgrad = page;
await page.start();
