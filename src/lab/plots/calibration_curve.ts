import { expectedCalibrationError } from '../../metrics/calibration.ts';
import { requireCounts, requireRange, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, lineFrom, rectAt, textAt } from './graphics.ts';
import { layOutPanels, type Panel, type PlotBox } from './panels.ts';
import { COLOUR, FONT_SIZE, SERIES_COLOURS } from './style.ts';
import { linearScale, type Scale } from './ticks.ts';

/** Predictions whose confidence fell into one of the equal parts of [0, 1]. */
export interface CalibrationBin {
  count: number;
  /** Mean confidence and share of right predictions, 0 to 1; not read where count is 0. */
  confidence: number;
  accuracy: number;
}

export interface CalibrationCurve extends FigureOptions {
  /** In ascending order of confidence, empty bins included: bin i of n covers i/n to (i+1)/n. */
  bins: readonly CalibrationBin[];
}

/**
 * Reliability diagram (Guo et al. 2017, "On Calibration of Modern Neural Networks"): accuracy over mean confidence per bin with the
 * diagonal of perfect calibration, above the number of predictions per bin. The expected calibration error stands in the plot.
 */
export function calibrationCurve(input: CalibrationCurve): Figure {
  const { bins } = input;
  requireSome('calibrationCurve', 'bins', bins);
  requireCounts(
    'calibrationCurve',
    'bins.count',
    bins.map((bin) => bin.count),
  );
  const filled = bins.filter((bin) => bin.count > 0);
  for (const key of ['confidence', 'accuracy'] as const) {
    const values = filled.map((bin) => bin[key]);
    requireRange('calibrationCurve', `bins.${key}`, values, 0, 1, 'a fraction');
  }
  const text = withDefaults(input, {
    name: 'calibration_curve',
    title: 'Calibration',
    caption: `Accuracy over mean confidence in ${bins.length} bins. On the dashed diagonal confidence is honest; below it the model is too sure. Below: predictions per bin.`,
  });
  const rows = [{ panels: [curvePanel(filled)] }, { panels: [countPanel(bins)] }];
  return renderFigure(text, layOutPanels({ title: text.title, rows }));
}

const UNIT: Scale = linearScale([0, 1]);
const WIDTH = 420;

function curvePanel(filled: readonly CalibrationBin[]): Panel {
  return {
    width: WIDTH,
    height: 320,
    x: { scale: UNIT, name: 'mean confidence', grid: true },
    y: { scale: UNIT, name: 'accuracy', grid: true },
    series: [
      {
        type: 'line',
        data: filled.map((bin) => [bin.confidence, bin.accuracy]),
        symbol: 'circle',
        symbolSize: 8,
        showAllSymbol: true,
        clip: false,
        itemStyle: { color: SERIES_COLOURS[0] },
        lineStyle: { color: SERIES_COLOURS[0], width: 2 },
      },
    ],
    draw: (box) => [
      lineFrom(box.x(0), box.y(0), box.x(1), box.y(1), {
        stroke: COLOUR.mutedText,
        lineWidth: 1.5,
        dashed: true,
        z: 1,
      }),
      ...(filled.length > 0 ? [errorNote(box, expectedCalibrationError(filled))] : []),
    ],
  };
}

function errorNote(box: PlotBox, error: number): Graphic {
  return textAt(box.left + 12, box.top + 16, `expected calibration error ${error.toFixed(3)}`, { halo: true });
}

function countPanel(bins: readonly CalibrationBin[]): Panel {
  const counts = bins.map((bin) => bin.count);
  return {
    width: WIDTH,
    height: 100,
    x: { scale: UNIT, name: 'confidence' },
    y: { scale: linearScale(counts, { zero: true, minStep: 1, count: 3 }), name: 'predictions', grid: true },
    draw: (box) =>
      counts.flatMap((count, i) => {
        const width = box.width / counts.length;
        const top = box.y(count);
        const x = box.left + i * width;
        const label = textAt(x + width / 2, top - 8, `${count}`, {
          size: FONT_SIZE.value,
          align: 'center',
          halo: true,
        });
        return [rectAt(x + 1, top, width - 2, box.top + box.height - top, { fill: SERIES_COLOURS[0] }), label];
      }),
  };
}
