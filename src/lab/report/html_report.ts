import { readFile } from 'node:fs/promises';
import { SCORE_LABELS, scoreNames } from '../../metrics/scores.ts';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import { differenceRow, differencesFromFull, formatDifference } from '../run/configuration.ts';
import { guessPhrase } from '../run/describe_results.ts';
import { type ExperimentResults, type LabResults, scoreOfTest } from '../run/lab_results.ts';
import { PRESETS } from '../run/presets.ts';
import type { RunFolder } from '../run/run_folder.ts';
import { formatDuration } from '../terminal/progress.ts';
import { percent } from '../terminal/text_table.ts';
import { blocksHtml, type FigureSource, findingsHtml, tableHtml, text } from './block_html.ts';
import { reportPage } from './page.ts';

/** Writes report.html, one file that needs no other and no network, from a run's results and figures. Returns its path. */
export async function writeReport(folder: RunFolder, results: LabResults): Promise<string> {
  const path = folder.file('report.html');
  const figures: FigureSource = (name) =>
    readFile(folder.file('figures', `${name}.svg`), 'utf8').catch(() => undefined);
  await writeFileAtomically(path, await reportHtml(results, figures));
  return path;
}

/** The report as one HTML page. */
export async function reportHtml(results: LabResults, figures: FigureSource): Promise<string> {
  const { preset, data } = results.configuration;
  const experiments = inOrder(results);
  const sections: string[] = [];
  for (const [id, experiment] of experiments) sections.push(await section(id, experiment, figures));
  const header = `<h1>Imbalanced image classification</h1>
<p class="about">A run of the wgrad lab, begun ${text(results.timings.startedAt.slice(0, 16).replace('T', ' '))} UTC.</p>
${whatRan(results)}
${contents(experiments)}`;
  const main = `${glance(results)}
${sections.join('\n')}
${trainings(results)}
${configuration(results)}`;
  return reportPage({ title: `wgrad lab: ${data}, preset ${preset}`, header, main });
}

/** As the run was asked for them; a run that went on with others may have them in another order in its results. */
function inOrder({ requested, experiments }: LabResults): [string, ExperimentResults][] {
  const ids = [...new Set([...requested, ...Object.keys(experiments)])].sort(bySummaryLast);
  return ids.flatMap((id) => (experiments[id] ? [[id, experiments[id]] as [string, ExperimentResults]] : []));
}

function bySummaryLast(a: string, b: string): number {
  return Number(a === 'summary') - Number(b === 'summary') || (a < b ? -1 : Number(a > b));
}

/** 'PS3', 'Summary' before a title that does not say it already. */
function heading(id: string, title: string): string {
  return id === title.toLowerCase() ? title : `${id.toUpperCase()} · ${title}`;
}

function whatRan({ configuration, dataset, environment }: LabResults): string {
  const { preset, seed, seeds } = configuration;
  const differences = differencesFromFull(configuration);
  const few = differences.slice(0, 3).map(formatDifference).join(', ');
  const cut =
    differences.length === 0
      ? "These are the lab's own figures: nothing is cut down."
      : `These are not the lab's own figures (preset full): ${differences.length} values differ, as ${few}.`;
  const link = differences.length === 0 ? '' : ' <a href="#differences">All of them</a>.';
  const { adapter } = environment as { adapter?: { description?: string; device?: string; software?: boolean } };
  const device =
    adapter === undefined
      ? ''
      : ` On ${adapter.description || adapter.device}${adapter.software ? ', a software driver' : ''}.`;
  const trained = dataset.trainingCounts.reduce((sum, count) => sum + count, 0);
  const tail = configuration.imbalance === null ? 'in the proportions they have' : 'in a long tail';
  const data = `Data: ${dataset.name}, ${trained} training images ${tail}, ${dataset.tested} test images; ${guessPhrase(dataset)}.`;
  const random = seeds === 1 ? `Seed ${seed}.` : `Seeds ${seed} to ${seed + seeds - 1}.`;
  return `<p class="notice"><strong>Preset ${preset}</strong>: ${text(`${PRESETS[preset].summary}. ${data} ${random}${device} ${cut}`)}${link}</p>`;
}

function contents(experiments: readonly [string, ExperimentResults][]): string {
  const items = experiments.map(([id, { title, status }]) => {
    const state = status === 'done' ? '' : ` (${status})`;
    return `<li><a href="#${id}"${status === 'failed' ? ' class="failed"' : ''}>${text(heading(id, title) + state)}</a></li>`;
  });
  const more = [
    ['trainings', 'All trainings'],
    ['configuration', 'Configuration'],
  ].map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`);
  return `<nav aria-label="Contents"><ol>\n${[...items, ...more].join('\n')}\n</ol></nav>`;
}

/** The summary's findings, where there is one. */
function glance({ experiments }: LabResults): string {
  const findings = (experiments.summary?.section ?? []).flatMap((block) =>
    block.kind === 'finding' ? [block.text] : [],
  );
  return findings.length === 0 ? '' : `<section><h2>At a glance</h2>\n${findingsHtml(findings)}\n</section>`;
}

async function section(
  id: string,
  { title, question, status, reason, section }: ExperimentResults,
  figures: FigureSource,
) {
  const state = {
    done: '',
    failed: `<p class="failed"><strong>This experiment failed.</strong> ${text(reason ?? '')}</p>`,
    stopped: '<p class="failed">The run was stopped here; it goes on with <code>--resume</code>.</p>',
  }[status];
  return `<section id="${id}">
<h2>${text(heading(id, title))}</h2>
<p class="question">${text(question)}</p>
${state}${await blocksHtml(section, figures)}
</section>`;
}

function trainings({ trainings, timings, dataset }: LabResults): string {
  const scores = scoreNames(dataset.testCounts !== undefined);
  const rows = Object.entries(trainings).map(([key, { name, recipe, parameters, history, test }]) => [
    name,
    recipe.seed,
    recipe.epochs,
    parameters.toLocaleString('en'),
    history.length === 0 ? null : history[history.length - 1].loss.toFixed(3),
    ...scores.map((score) => percent(scoreOfTest(test, score))),
    formatDuration(timings.trainings[key]?.trainingSeconds ?? Number.NaN),
    timings.trainings[key]?.imagesPerSecond.toFixed(0) ?? null,
  ]);
  if (rows.length === 0) return '<section id="trainings"><h2>All trainings</h2><p>None was made.</p></section>';
  const header = [
    'training',
    'seed',
    'epochs',
    'parameters',
    'last loss',
    ...scores.map((name) => SCORE_LABELS[name]),
    'time',
    'images/s',
  ];
  const caption = `The ${rows.length} trainings of this run, each made once however many experiments use it; its network is in checkpoints/. The last loss is that of training, in its own unit.`;
  return `<section id="trainings"><h2>All trainings</h2>\n${tableHtml(caption, header, rows)}</section>`;
}

function configuration({ configuration, environment, dataset, timings }: LabResults): string {
  const lines = (values: object) =>
    Object.entries(values).map(([name, value]) => [
      name,
      value === null
        ? '–'
        : typeof value === 'object'
          ? JSON.stringify(value)
              .replace(/[{}"[\]]/g, '')
              .replaceAll(',', ', ')
              .replaceAll(':', ' ')
          : `${value}`,
    ]);
  const seconds = Object.values(timings.experiments).reduce((sum, one) => sum + one.seconds, 0);
  return `<section id="configuration"><h2>Configuration and environment</h2>
${differencesTable(configuration)}
${tableHtml('All that decides what this run computes.', ['', 'value'], lines(configuration))}
${tableHtml(`What it ran on. The experiments took ${formatDuration(seconds)}.`, ['', 'value'], lines(environment))}
${tableHtml('The data.', ['', 'value'], lines({ ...dataset, classNames: dataset.classNames.join(', ') }))}
</section>`;
}

function differencesTable(configuration: LabResults['configuration']): string {
  const rows = differencesFromFull(configuration).map(differenceRow);
  if (rows.length === 0) return '';
  return `<div id="differences">${tableHtml("How this run differs from the lab's own figures.", ['', 'here', 'in the lab'], rows)}</div>`;
}
