import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/lab/report/html_report.ts';
import { type Block, finding, paragraph, table } from '../../../src/lab/run/blocks.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import type { LabResults } from '../../../src/lab/run/lab_results.ts';

const figure: Block = { kind: 'figure', name: 'ps1_bars', title: 'Bars', caption: 'A sentence on the bars.' };
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="700" height="300"></svg>';

function results(section: readonly Block[], change: Partial<LabResults> = {}): LabResults {
  return {
    format: 'wgrad-results',
    version: 2,
    configuration: configure('quick', { data: 'mnist', seed: 42 }),
    requested: ['ps1'],
    environment: { wgrad: '0.1.0', node: '20', webgpu: '0.6', platform: 'here' },
    dataset: {
      ...{ name: 'mnist', source: 'embedded', classNames: ['0', '1'], trainingImages: 10, testImages: 4 },
      ...{ trainingCounts: [4, 2], measuredRatio: 2, tested: 4 },
    },
    trainings: {},
    experiments: { ps1: { status: 'done', title: 'One', question: 'Why?', results: {}, section: [...section] } },
    timings: { startedAt: '2026-01-31T09:05:00.000Z', trainings: {}, experiments: { ps1: { seconds: 75 } } },
    ...change,
  };
}

const html = (given: LabResults) => reportHtml(given, async (name) => (name === 'ps1_bars' ? SVG : undefined));

describe('reportHtml', () => {
  it('shows every kind of block, what is text escaped', async () => {
    const page = await html(
      results([
        paragraph('1 < 2 & "3".'),
        finding('It rose by 1.5 %.'),
        finding('It fell.'),
        figure,
        table(
          'A table.',
          ['name', 'score'],
          [
            ['x<y', '1.5 %'],
            ['z', null],
          ],
        ),
      ]),
    );
    expect(page).toContain('<p>1 &lt; 2 &amp; &quot;3&quot;.</p>');
    expect(page).toMatch(/<ul class="findings">\n<li>It rose by 1\.5\u00a0%\.<\/li>\n<li>It fell\.<\/li>\n<\/ul>/);
    const [, data] = /<img alt="Bars" width="700" height="300" [^>]*src="data:image\/svg\+xml;base64,([^"]+)"/.exec(
      page,
    )!;
    expect(Buffer.from(data, 'base64').toString()).toBe(SVG);
    expect(page).toContain('<figcaption>A sentence on the bars.</figcaption>');
    expect(page).toContain('<th scope="row">x&lt;y</th><td class="number">1.5\u00a0%</td>');
    expect(page).toContain('<td class="number">–</td>');
  });

  it('is one file that asks nothing of a network', async () => {
    const page = await html(results([figure]));
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)|url\(/);
    expect(page).not.toMatch(/https?:|<script|<link|@import/);
    expect(page).toContain('name="viewport"');
    expect(page).toContain('@media print');
  });

  it('says which preset ran and how it differs from the full one', async () => {
    const page = await html(results([]));
    expect(page).toContain('<strong>Preset quick</strong>');
    expect(page).toContain('data mnist instead of cifar10');
    expect(page).toMatch(/<th scope="row">epochs of PS3<\/th><td>\d+<\/td><td>15<\/td>/);
    const full = await html(results([], { configuration: configure('full', { data: 'cifar10', seed: 42 }) }));
    expect(full).toContain('nothing is cut down');
    expect(full).not.toContain('id="differences"');
  });

  it('shows what failed with its reason, and what was stopped', async () => {
    const about = { title: 'T', question: 'Q?', results: {}, section: [] };
    const page = await html(
      results([], {
        requested: ['ps1', 'ps2'],
        experiments: {
          ps1: { status: 'failed', reason: 'No <room>.', ...about },
          ps2: { status: 'stopped', ...about },
        },
      }),
    );
    expect(page).toContain('<strong>This experiment failed.</strong> No &lt;room&gt;.');
    expect(page).toContain('PS1 · T (failed)');
    expect(page).toContain('The run was stopped here');
  });

  it("puts the summary's findings first and its section last", async () => {
    const about = { status: 'done', title: 'T', question: 'Q?', results: {} } as const;
    const page = await html(
      results([], {
        requested: ['summary', 'ps1'],
        experiments: {
          summary: { ...about, title: 'Summary', section: [finding('Best of all.')] },
          ps1: { ...about, section: [] },
        },
      }),
    );
    const places = ['At a glance', 'Best of all.', '<h2>PS1 · T</h2>', '<h2>Summary</h2>'].map((part) =>
      page.indexOf(part),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('says so where the file of a figure is gone', async () => {
    const page = await html(results([{ ...figure, name: 'ps1_gone' } as Block]));
    expect(page).toContain('The file of the figure ps1_gone is gone.');
  });
});

describe('table', () => {
  it('refuses rows that do not fit the header', () => {
    expect(() => table('', ['a', 'b'], [['x']])).toThrow(RangeError);
  });
});
