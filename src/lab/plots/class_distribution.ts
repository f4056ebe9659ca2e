import { requireCounts, requireLength, requireSome } from './check_input.ts';
import { type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { layOutPanels, type Panel } from './panels.ts';
import { COLOUR, FONT_SIZE, SERIES_COLOURS } from './style.ts';
import { widest } from './text.ts';
import { linearScale, logCountScale, type Scale } from './ticks.ts';

export interface ClassDistribution extends FigureOptions {
  classNames: readonly string[];
  /** Samples of each class. */
  counts: readonly number[];
}

/** Bars of the samples per class, on a linear axis beside a logarithmic one, with the counts written at their ends. */
export function classDistribution(input: ClassDistribution): Figure {
  const { classNames, counts } = input;
  requireSome('classDistribution', 'classNames', classNames);
  requireLength('classDistribution', 'counts', counts, classNames.length, 'classNames');
  requireCounts('classDistribution', 'counts', counts);
  const text = withDefaults(input, {
    name: 'class_distribution',
    title: 'Samples per class',
    caption: describe(counts),
  });
  const logScale = logCountScale(counts);
  const linear = barPanel('Linear scale', input, linearScale(counts, { zero: true, minStep: 1 }), (count) => count);
  // A class without samples has no bar, yet its 0 stands at the foot of the axis.
  const log = barPanel('Logarithmic scale', input, logScale, (n) => (n === 0 ? logScale.min : Math.log10(n)), 'none');
  return renderFigure(text, layOutPanels({ title: text.title, rows: [{ panels: [linear, log] }] }));
}

function barPanel(
  title: string,
  { classNames, counts }: ClassDistribution,
  scale: Scale,
  position: (count: number) => number,
  labels: 'shown' | 'none' = 'shown',
): Panel {
  const texts = counts.map((count) => `${count}`);
  return {
    title,
    width: 340,
    height: Math.max(120, classNames.length * 26),
    x: { scale, name: 'samples', grid: true },
    y: { categories: classNames, labels },
    roomRight: widest(texts, FONT_SIZE.value) + 10,
    series: [
      {
        type: 'bar',
        barWidth: '70%',
        itemStyle: { color: SERIES_COLOURS[0] },
        data: counts.map((count) => position(count)),
        label: {
          show: true,
          position: 'right',
          fontSize: FONT_SIZE.value,
          color: COLOUR.text,
          textBorderColor: COLOUR.background,
          textBorderWidth: 3,
          formatter: ({ dataIndex }) => texts[dataIndex]!,
        },
      },
    ],
  };
}

function describe(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const largest = Math.max(...counts);
  const smallest = Math.min(...counts);
  const classes = `${counts.length} ${counts.length === 1 ? 'class' : 'classes'}`;
  const empty = counts.filter((count) => count === 0).length;
  const spread =
    smallest === 0
      ? `the largest holds ${largest}, and ${empty} ${empty === 1 ? 'holds' : 'hold'} none`
      : `the largest holds ${largest}, ${Number((largest / smallest).toFixed(1))} times the smallest's ${smallest}`;
  return `${total} samples in ${classes}: ${spread}. The same counts on a linear (left) and a logarithmic axis (right).`;
}
