import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../../src/inspect/step_record.ts';
import { main } from '../../../src/lab/cli/command_line.ts';
import { findChromium, openChromium } from '../../browsers.ts';
import { captureConsole } from './captured_console.ts';

const captured = captureConsole();
const LINE = 'inspect --data mnist --max-per-class 40 --imbalance 4';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-inspect-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: string) => main(line.split(' '));
const page = () => join(folder, 'step', 'inspect.html');

describe('wgrad inspect', () => {
  it('writes a page, a trace and the record of a step', async () => {
    const out = join(folder, 'step');
    expect(await run(`${LINE} --width 0.25 --batch-size 8 --step 2 --image 3 --out ${out}`)).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['inspect.html', 'step.json', 'trace.json']);
    const record = JSON.parse(readFileSync(join(out, 'step.json'), 'utf8')) as StepRecord;
    expect(record).toMatchObject({
      ...{ format: 'wgrad-step', stepsBefore: 2, batchSize: 8, images: [8, 32, 32, 3] },
      ...{ network: { type: 'CustomCNN' }, optimizer: { type: 'Adam' } },
    });
    expect(captured.lines.join('\n')).toContain(`${record.dispatches.length} dispatches`);
    const { traceEvents } = JSON.parse(readFileSync(join(out, 'trace.json'), 'utf8'));
    expect(traceEvents.length).toBeGreaterThan(record.dispatches.length);
    // The bound is for the full width; see docs/inspect.md for its size.
    expect(statSync(page()).size).toBeLessThan(2.5e6);
    expect(readFileSync(page(), 'utf8')).not.toMatch(/(src|href)="https?:/);
  });

  it('prints the record alone with --json, and writes nothing', async () => {
    captured.lines = [];
    expect(await run(`${LINE} --width 0.0625 --batch-size 4 --loss focal --optimizer sgd --json`)).toBe(0);
    expect(captured.lines).toHaveLength(1);
    const record = JSON.parse(captured.lines[0]) as StepRecord;
    expect(record.optimizer).toMatchObject({ type: 'SGD' });
    expect(record.nodes.at(-1)?.operation).toMatch(/focal|softmax/i);
    // The same command without --step is the training's first.
    expect(record.stepsBefore).toBe(0);
  });

  it('takes a network of one’s own from a file', async () => {
    const file = join(folder, 'own.mts');
    const source = pathToFileURL(join(import.meta.dirname, '../../../src/node.ts')).href;
    writeFileSync(
      file,
      `import { Conv2d, GlobalAvgPool2d, Linear, Sequential } from ${JSON.stringify(source)};
       export default (gpu, { classes, channels }) =>
         new Sequential(new Conv2d(gpu, channels, 4, 3), new GlobalAvgPool2d(), new Linear(gpu, 4, classes));`,
    );
    captured.lines = [];
    expect(await run(`${LINE} --batch-size 4 --module ${file} --json`)).toBe(0);
    const record = JSON.parse(captured.lines[0]) as StepRecord;
    expect(record.modules.map(({ type }) => type)).toEqual(['Sequential', 'Conv2d', 'GlobalAvgPool2d', 'Linear']);
    writeFileSync(join(folder, 'none.mts'), 'export const model = 1;');
    captured.errors = [];
    expect(await run(`${LINE} --module ${join(folder, 'none.mts')} --json`)).toBe(2);
    expect(captured.errors[0]).toMatch(/^wgrad: .*none\.mts has no default export that is a function/);
  });

  it.each([
    ['--step 100000', 'is beyond the training’s last step'.replace('’', "'")],
    ['--image 99', 'There is no image 99 in a batch of 4; the first is --image 0.'],
    ['--weights nowhere.safetensors', 'The weights nowhere.safetensors cannot be read: there is no such file.'],
  ])('refuses %s in a sentence', async (options, sentence) => {
    captured.errors = [];
    expect(await run(`${LINE} --width 0.0625 --batch-size 4 --json ${options}`)).toBe(2);
    expect(captured.errors).toEqual([expect.stringMatching(/^wgrad: [^\n]+\.$/)]);
    expect(captured.errors[0]).toContain(sentence);
  });
});

const installed = findChromium();

describe.runIf(installed)('the page of a step in Chromium', () => {
  let browser: Browser;
  let shown: Page;
  const faults: string[] = [];
  const requests: string[] = [];
  beforeAll(async () => {
    browser = await openChromium(installed as string);
    shown = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    shown.on('console', (message) => faults.push(message.text()));
    shown.on('pageerror', (error) => faults.push(String(error)));
    shown.on('request', (request) => requests.push(request.url()));
    await shown.goto(pathToFileURL(page()).href);
    await shown.waitForSelector('html[data-ready=true]');
  });
  afterAll(async () => {
    await browser?.close();
  });

  /** What the page says of the number that was pressed: its sum, the device's value and the bound. */
  const verdict = (within: string) =>
    shown.$eval(`${within} .verdict`, (element) => {
      const { sum, device, bound } = (element as unknown as { dataset: Record<string, string> }).dataset;
      return { sum: Number(sum), device: Number(device), bound: Number(bound) };
    });

  it('opens without a fault, and asks for nothing but itself', () => {
    expect(faults).toEqual([]);
    expect(requests).toEqual([pathToFileURL(page()).href]);
  });

  it('shows values of activations as sums that are the device’s', async () => {
    const seen = new Set<number>();
    let number = 7;
    const next = (below: number) => {
      number = (number * 48271) % 2147483647;
      return number % below;
    };
    for (const operation of ['conv2d', 'batchNorm2d', 'maxPool2d', 'conv2d']) {
      const boxes = shown.locator(`#graph .box:not(.folded)[data-name^="${operation},"]`);
      await boxes.nth(next(await boxes.count())).click();
      const maps = shown.locator('#detail canvas.pressable');
      for (let press = 0; press < 4; press++) {
        const map = maps.nth(next(await maps.count()));
        await map.click({ position: { x: 2 + next(100), y: 2 + next(100) } });
        const { sum, device, bound } = await verdict('#hand');
        expect(Math.abs(sum - device), operation).toBeLessThanOrEqual(bound);
        seen.add(device);
      }
    }
    expect(seen.size).toBeGreaterThan(8);
  });

  it('shows gradients of weights as sums over the batch, and their update', async () => {
    for (const parameter of [
      'features.block1.conv1.weight',
      'features.block2.bn1.weight',
      'classifier.fc2.weight',
      'classifier.fc2.bias',
    ]) {
      await shown.locator(`[data-parameter="${parameter}"]`).click();
      const weights = shown.locator('#weights [data-weight]');
      await weights.nth((await weights.count()) >> 1).click();
      const { sum, device, bound } = await verdict('#weights');
      expect(Math.abs(sum - device), parameter).toBeLessThanOrEqual(bound);
      expect(await shown.locator('#weights').innerText()).toContain('Its update by Adam');
    }
  });

  it('unfolds modules, shows a kernel’s source with its mathematics, and is no wider than a phone', async () => {
    const before = await shown.locator('#graph .box').count();
    await shown.locator('#graph .fold').first().click();
    expect(await shown.locator('#graph .box').count()).toBeGreaterThan(before);
    await shown.locator('#graph .box:not(.folded)[data-name^="conv2d,"]').first().click();
    expect(await shown.locator('.source pre').innerText()).toContain('@compute');
    expect(await shown.locator('.source .formula math').count()).toBeGreaterThan(0);
    expect(await shown.locator('.source .token.keyword').count()).toBeGreaterThan(5);
    await shown.setViewportSize({ width: 390, height: 844 });
    const width = await shown.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
    expect(faults).toEqual([]);
  });

  it('goes through all nodes forward, back through those with a gradient, to the update', async () => {
    const next = shown.locator('#next-node');
    const said = () => shown.locator('#walk [role=status]').innerText();
    const lines: string[] = [];
    for (let presses = 0; presses < 1000 && !(await next.isDisabled()); presses++) {
      await next.click();
      lines.push(await said());
    }
    expect(lines.pop()).toMatch(/^The optimizer changes the parameters/);
    const stops = lines.map((line) => /^(\d+) of (\d+), (forward|backward): (\S+)/.exec(line)?.slice(1) ?? []);
    expect(stops.map(([at]) => Number(at))).toEqual(stops.map((_, i) => i + 1));
    expect(new Set(stops.map(([, all]) => Number(all)))).toEqual(new Set([stops.length]));
    const of = (way: string) => stops.filter((stop) => stop[2] === way).map((stop) => stop[3]);
    const [forward, backward] = [of('forward'), of('backward')];
    expect(forward.indexOf('conv2d')).toBe(0);
    // The images need no gradient, but all else does: the first node back is the last one forward.
    expect(backward).toEqual([...forward].reverse());
    expect(stops.findIndex((stop) => stop[2] === 'backward')).toBe(forward.length);
    await shown.locator('#walk button', { hasText: 'Node before' }).click();
    expect(await said()).toBe(lines.at(-1));
  });
});
