import { requireRange } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { lineFrom, rectAt, textAt } from './graphics.ts';
import { layOutPanels, type Panel, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, MEANING } from './style.ts';
import { linearScale, type Scale } from './ticks.ts';

export interface ConfidenceHistogram extends FigureOptions {
  /** Confidence, 0 to 1, of each right prediction. */
  correct: ArrayLike<number>;
  /** Confidence, 0 to 1, of each wrong prediction. */
  wrong: ArrayLike<number>;
}

const BINS = 50;

/** Histograms of the confidence of right and wrong predictions, one above the other on the same axes, with their means. */
export function confidenceHistogram(input: ConfidenceHistogram): Figure {
  const { correct, wrong } = input;
  requireRange('confidenceHistogram', 'correct', correct, 0, 1, 'a confidence');
  requireRange('confidenceHistogram', 'wrong', wrong, 0, 1, 'a confidence');
  const text = withDefaults(input, {
    name: 'confidence_histogram',
    title: 'Confidence of right and wrong predictions',
    caption: `Predictions per confidence, in ${BINS} bins of equal width; each panel has its own vertical scale. Dashed: the mean.`,
  });
  const rows = [histogramPanel('Right', correct, MEANING.correct), histogramPanel('Wrong', wrong, MEANING.wrong)].map(
    (panel) => ({ panels: [panel] }),
  );
  return renderFigure(text, layOutPanels({ title: text.title, rows }));
}

/** Values of [0, 1] counted in bins of equal width; the last bin includes 1. */
export function countInBins(values: ArrayLike<number>, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) counts[Math.min(bins - 1, Math.floor(values[i]! * bins))]!++;
  return counts;
}

const CONFIDENCE: Scale = linearScale([0, 1], { count: 10 });

function histogramPanel(kind: string, values: ArrayLike<number>, colour: string): Panel {
  const counts = countInBins(values, BINS);
  const mean = Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  const title = `${kind}: ${values.length} ${values.length === 1 ? 'prediction' : 'predictions'}`;
  return {
    title: values.length > 0 ? `${title}, mean confidence ${mean.toFixed(3)}` : title,
    width: 640,
    height: 150,
    x: { scale: CONFIDENCE, name: 'confidence' },
    y: { scale: linearScale(counts, { zero: true, minStep: 1, count: 4 }), name: 'predictions', grid: true },
    draw: (box) => [...bars(box, counts, colour), ...(values.length > 0 ? [meanLine(box, mean)] : [noneMark(box)])],
  };
}

function bars(box: PlotBox, counts: readonly number[], colour: string) {
  const width = box.width / counts.length;
  return counts.flatMap((count, i) => {
    if (count === 0) return [];
    const top = box.y(count);
    return [rectAt(box.left + i * width + 0.5, top, width - 1, box.top + box.height - top, { fill: colour })];
  });
}

function meanLine(box: PlotBox, mean: number) {
  return lineFrom(box.x(mean), box.top, box.x(mean), box.top + box.height, {
    stroke: COLOUR.text,
    lineWidth: 1.5,
    dashed: true,
  });
}

function noneMark(box: PlotBox) {
  return textAt(box.left + box.width / 2, box.top + box.height / 2, 'none', {
    size: FONT_SIZE.axisName,
    align: 'center',
  });
}
