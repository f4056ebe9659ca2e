import { type Figure, renderFigure, withDefaults } from './figure.ts';
import { colourBar, matrixPanel } from './matrix_panel.ts';
import { checkScoreTable, type ScoreTable } from './metric_bars.ts';
import { layOutPanels } from './panels.ts';
import { linearScale } from './ticks.ts';

/** The table as coloured cells with the scores in them; the best of each metric is outlined, ties all of them. */
export function metricHeatmap(input: ScoreTable): Figure {
  checkScoreTable('metricHeatmap', input);
  const { models, metrics, scores } = input;
  const text = withDefaults(input, {
    name: 'metric_heatmap',
    title: 'Scores by configuration',
    caption: 'Scores from 0 to 1, darker is better. Outlined: the best of each metric. Grey: no score.',
  });
  const scale = linearScale(scores.flat(), { min: 0, max: 1, minSpan: 0.05 });
  const best = metrics.map((_, k) => {
    const present = scores.map((row) => row[k]!).filter((score) => !Number.isNaN(score));
    return Math.max(...present);
  });
  const panel = matrixPanel({
    rows: models,
    columns: metrics,
    values: scores,
    format: (score) => score.toFixed(3),
    scale,
    minCellWidth: 84,
    cellHeight: 28,
    outlined: (r, c) => scores[r]![c] === best[c],
  });
  return renderFigure(
    text,
    layOutPanels({ title: text.title, rows: [{ panels: [panel, colourBar(scale, 'score', panel.height)] }] }),
  );
}
