// The live page's figures in Chromium, beside Node on the same driver: npm run bench:web [minutes]. Each minute of training prints a line more, for
// what stays behind in memory.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { findChromium, openChromium, SWIFTSHADER } from '../test/browsers.ts';
import { nodeRuns } from '../test/web/node_runs.ts';
import { OFFLINE, SITE, serveSite } from '../test/web/site.ts';
import { FIRST_ON_SOFTWARE, writeSetUp } from '../web/page/set_up.ts';

const minutes = Number(process.argv[2] ?? 1);
/** Openings of the page, each in a browser of its own: nothing is compiled yet. */
const OPENINGS = 3;
/** Steps of Node that are timed, and those before them. */
const [STEPS, FIRST] = [40, 5];
const ONE_RUN = writeSetUp({ ...FIRST_ON_SOFTWARE, runs: [FIRST_ON_SOFTWARE.runs[0]] });

type Shown = { wgrad: import('../web/page/live_page.ts').LivePage; longest: number };

const packedKB = (paths: readonly string[]) =>
  paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0) / 1000;
const print = (name: string, figure: string) => console.log(`${name.padEnd(62)} ${figure}`);

/** Resident memory, MB, of all processes below this one, what they share counted once. */
function memoryBelow(): number {
  const parents = new Map<string, string[]>();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const [pid, rest] = read(`/proc/${id}/stat`).split(/ \(.*\) /s);
    const [, parent] = (rest ?? '').split(' ');
    parents.set(parent, [...(parents.get(parent) ?? []), pid]);
  }
  const below = (pid: string): string[] => (parents.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  const kB = below(String(process.pid)).map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  );
  return kB.reduce((sum, one) => sum + one, 0) / 1024;
}

/** A file's text; '' where its process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Opens the page and waits for its first loss. Its longest task is noted from the start. */
async function open(browser: Browser, url: string): Promise<{ page: Page; seconds: number }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    const shown = globalThis as unknown as Shown;
    shown.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) shown.longest = Math.max(shown.longest, duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  const start = performance.now();
  await page.goto(url);
  await page.waitForFunction(() => Number(document.documentElement.dataset.step) >= 1);
  return { page, seconds: (performance.now() - start) / 1000 };
}

const chrome = findChromium();
if (chrome === undefined) process.exit(1);
await build({ configFile: join(import.meta.dirname, '../web/vite.config.ts'), logLevel: 'error' });
const { server, url } = await serveSite();

const seconds: number[] = [];
for (let i = 0; i < OPENINGS; i++) {
  const browser = await openChromium(chrome);
  seconds.push((await open(browser, url)).seconds);
  await browser.close();
}
print('from opening to the first loss, median', `${seconds.sort((a, b) => a - b)[OPENINGS >> 1].toFixed(1)} s`);

const browser = await openChromium(chrome);
const requests: string[] = [];
server.on('request', ({ url: path = '' }) => requests.push(path));
const { page } = await open(browser, `${url}${ONE_RUN}`);
const loaded = [
  ...new Set(requests.map((path) => relative(new URL(url).pathname, path.split('?')[0]) || 'index.html')),
];
print(
  'fetched to train, packed, without data',
  `${packedKB(loaded.filter((name) => name !== 'digits.bin').map((name) => join(SITE, name))).toFixed(0)} kB`,
);
print(
  'all that the page may fetch, packed, without data',
  `${packedKB([join(SITE, 'index.html'), ...readdirSync(join(SITE, 'assets')).map((name) => join(SITE, 'assets', name))]).toFixed(0)} kB`,
);
print('the offline file, with its data', `${(readFileSync(OFFLINE).length / 1e6).toFixed(2)} MB`);

// Of what happens once it runs.
await page.evaluate(() => {
  (globalThis as unknown as Shown).longest = 0;
});
for (let minute = 1; minute <= minutes; minute++) {
  await page.waitForTimeout(60_000);
  const { step, speed, display, longest, heap } = await page.evaluate(() => {
    const { wgrad, longest } = globalThis as unknown as Shown;
    const { step = 0, imagesPerSecond = 0, display = 0 } = wgrad.progress ?? {};
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
    return { step, speed: imagesPerSecond, display, longest, heap: memory.usedJSHeapSize };
  });
  print(
    `minute ${minute}: step ${step}, ${speed.toFixed(0)} images/s, display ${(100 * display).toFixed(1)} % of the steps' time`,
    `longest task ${longest.toFixed(0)} ms, heap ${(heap / 1e6).toFixed(1)} MB, processes ${memoryBelow().toFixed(0)} MB`,
  );
}
await browser.close();
server.close();

if (existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES = SWIFTSHADER;
const setUp = { ...FIRST_ON_SOFTWARE, runs: [FIRST_ON_SOFTWARE.runs[0]] };
const { gpu, runs } = await nodeRuns(setUp);
for (let i = 0; i < FIRST; i++) await runs[0].send();
const start = performance.now();
for (let i = 0; i < STEPS; i++) await runs[0].send();
print(
  `Node on ${gpu.adapter.description || gpu.adapter.device}`,
  `${((1000 * STEPS * setUp.batchSize) / (performance.now() - start)).toFixed(0)} images/s`,
);
gpu.close();
