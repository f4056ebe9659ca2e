import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readSetUp, writeSetUp } from '../../web/page/set_up.ts';
import { findFirefox } from '../browsers.ts';
import { nodeLosses } from './node_runs.ts';
import { serveSite } from './site.ts';

const STEPS = 10;
const SET_UP = readSetUp('?perClass=100&imbalance=50&width=0.0625&lr=0.01&batch=16&seed=7&runs=1&loss1=ce');

/** WebGPU is behind a setting on Linux; nothing is asked of any network. */
const SETTINGS = [
  'user_pref("dom.webgpu.enabled", true);',
  'user_pref("gfx.webgpu.ignore-blocklist", true);',
  'user_pref("app.update.auto", false);',
  'user_pref("browser.shell.checkDefaultBrowser", false);',
  'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
  'user_pref("network.captive-portal-service.enabled", false);',
  'user_pref("network.connectivity-service.enabled", false);',
];

/** Holds the page and tells the server its losses once there are enough. */
const HOLDER = `<!doctype html><title>holder</title>
<iframe src="index.html${writeSetUp(SET_UP).replaceAll('&', '&amp;')}" width="1200" height="800"></iframe>
<script>
const timer = setInterval(() => {
  const { wgrad, document } = frames[0];
  const failed = document.documentElement.dataset.state === 'failed';
  if (!failed && !(wgrad?.losses[0]?.length >= ${STEPS})) return;
  clearInterval(timer);
  const said = failed ? document.getElementById('trouble').textContent : wgrad.losses[0];
  fetch('told', { method: 'POST', body: JSON.stringify(said) });
}, 200);
</script>`;

const installed = findFirefox();

describe.runIf(installed)('the live page in Firefox', () => {
  it('trains, from the loss that Node begins with', async () => {
    let hear: (said: unknown) => void = () => {};
    const told = new Promise<unknown>((resolve) => {
      hear = resolve;
    });
    const { server, url } = await serveSite({
      'holder.html': (_request, response) => response.setHeader('content-type', 'text/html').end(HOLDER),
      told: (request, response) => {
        response.end();
        void text(request).then((body) => hear(JSON.parse(body)));
      },
    });
    const profile = mkdtempSync(join(tmpdir(), 'wgrad-firefox-'));
    writeFileSync(join(profile, 'user.js'), SETTINGS.join('\n'));
    const args = ['--headless', '--no-remote', '--profile', profile, `${url}holder.html`];
    const { VK_DRIVER_FILES: _, ...env } = process.env;
    const firefox = spawn(installed as string, args, {
      env: { ...env, HOME: profile },
      stdio: 'ignore',
      detached: true,
    });
    try {
      const losses = (await told) as number[];
      expect(losses.length, String(losses)).toBeGreaterThanOrEqual(STEPS);
      // Another driver rounds otherwise, and steps carry that on: the first loss alone is the same.
      const [[golden]] = await nodeLosses(SET_UP, [1]);
      expect(Math.abs(losses[0] - golden)).toBeLessThan(1e-5);
      const last = losses.slice(STEPS - 5, STEPS).reduce((sum, loss) => sum + loss, 0) / 5;
      expect(last).toBeLessThan(0.75 * losses[0]);
    } finally {
      process.kill(-(firefox.pid as number), 'SIGKILL');
      server.close();
      server.closeAllConnections();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  });
});
