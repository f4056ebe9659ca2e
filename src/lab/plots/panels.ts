import type { EChartsOption, SeriesOption } from 'echarts';
import type { Drawing } from './figure.ts';
import { type Graphic, textAt } from './graphics.ts';
import { type LegendItem, layOutHeading, PADDING } from './heading.ts';
import { COLOUR, FONT_SIZE } from './style.ts';
import { elide, widest } from './text.ts';
import type { Scale } from './ticks.ts';

interface AxisBase {
  /** Quantity and unit, as in "accuracy (%)". */
  name?: string;
  /** 'none' where a neighbour carries the same labels, or the axis says nothing. */
  labels?: 'shown' | 'none';
  /** Grid lines across the panel at the ticks. */
  grid?: boolean;
  /** The axis's own line; shown unless false. */
  line?: boolean;
}
export type NumberAxis = AxisBase & { scale: Scale; side?: 'right' };
export type CategoryAxis = AxisBase & { categories: readonly string[] };
export type PanelAxis = NumberAxis | CategoryAxis;

/** The plotting area of a laid-out panel, in pixels of the figure. */
export interface PlotBox {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Pixel of a value of the x axis (a category: its index, the centre of its band). */
  x(value: number): number;
  /** Pixel of a value of the y axis; categories run from top to bottom. */
  y(value: number): number;
}

/** One pair of axes and what is drawn between them. Sizes are those of the plotting area; labels get room around it by themselves. */
export interface Panel {
  title?: string;
  width: number;
  height: number;
  x: PanelAxis;
  y: PanelAxis;
  series?: SeriesOption[];
  /** Marks at pixels, drawn over grid and series unless their z says otherwise. */
  draw?: (box: PlotBox) => Graphic[];
  /** Room at the right for labels that begin inside the plotting area. */
  roomRight?: number;
  /** Room above for labels of marks that reach the top of the plotting area. */
  roomAbove?: number;
}

const GAP_BETWEEN = 22;
const LABEL_GAP = 8;
const NAME_HEIGHT = 22;
const LONGEST_LABEL = 220;

/** Panels side by side, under a title and a legend of their own if they have one. */
export interface PanelRow {
  title?: string;
  legend?: LegendItem[];
  panels: Panel[];
}

/** Lays panels out in rows, plotting areas aligned in both directions, under a title and a legend. */
export function layOutPanels(figure: { title: string; legend?: LegendItem[]; rows: PanelRow[] }): Drawing {
  const { rows } = figure;
  const columnCount = rows.reduce((count, { panels }) => Math.max(count, panels.length), 0);
  const column = (c: number, measure: (panel: Panel) => number): number =>
    rows.reduce((size, { panels }) => (panels[c] ? Math.max(size, measure(panels[c])) : size), 0);
  const columns = Array.from({ length: columnCount }, (_, c) => ({
    left: column(c, leftMargin),
    width: column(c, (panel) => panel.width),
    right: column(c, rightMargin),
  }));
  const taken = columns.reduce((sum, c) => sum + c.left + c.width + c.right, GAP_BETWEEN * (columnCount - 1));
  const width = Math.max(MIN_WIDTH, 2 * PADDING + taken);
  const graphics: Graphic[] = [];
  const grids: EChartsOption['grid'] = [];
  const xAxes: object[] = [];
  const yAxes: object[] = [];
  const series: SeriesOption[] = [];
  const writeHeading = (heading: { title?: string; legend?: LegendItem[] }, top: number, fontSize: number): number => {
    const { bottom, graphics: written } = layOutHeading(heading, { width, top, fontSize });
    graphics.push(...written);
    return bottom;
  };
  let top = writeHeading(figure, PADDING, FONT_SIZE.title) + 6;
  for (const row of rows) {
    if (row.title || row.legend) top = writeHeading(row, top + 8, FONT_SIZE.rowTitle);
    const above = Math.max(...row.panels.map(topMargin));
    let left = PADDING;
    row.panels.forEach((panel, c) => {
      left += columns[c]!.left;
      const box = plotBox(panel, left, top + above);
      const index = grids.length;
      grids.push({ left, top: top + above, width: panel.width, height: panel.height, outerBoundsMode: 'none' });
      xAxes.push({ gridIndex: index, ...axisOption(panel.x, panel.width, 'x') });
      yAxes.push({ gridIndex: index, ...axisOption(panel.y, panel.height, 'y') });
      for (const one of panel.series ?? []) {
        series.push({ ...one, xAxisIndex: index, yAxisIndex: index, silent: true } as SeriesOption);
      }
      graphics.push(...panelTexts(panel, box), ...(panel.draw?.(box) ?? []));
      left += columns[c]!.width + columns[c]!.right + GAP_BETWEEN;
    });
    top += above + Math.max(...row.panels.map((panel) => panel.height + bottomMargin(panel)));
  }
  const option = { grid: grids, xAxis: xAxes, yAxis: yAxes, series } as EChartsOption;
  return { width, height: top + PADDING / 2, option, graphics };
}

/** Narrower figures would break their titles into many lines. */
const MIN_WIDTH = 420;

/** What stands at an axis, shortened where it would take the plot's room. */
function labelsOf(axis: PanelAxis): string[] {
  if (axis.labels === 'none') return [];
  if ('categories' in axis) return axis.categories.map((label) => elide(label, LONGEST_LABEL));
  return axis.scale.ticks.map((tick) => tick.label);
}

/** Labels under the x axis lean where they would touch each other lying. */
function leans(axis: PanelAxis, width: number): boolean {
  return 'categories' in axis && widest(labelsOf(axis)) + 6 > width / axis.categories.length;
}

const sideMargin = (axis: PanelAxis): number => {
  const labels = labelsOf(axis);
  return (labels.length > 0 ? widest(labels) + LABEL_GAP : 0) + (axis.name ? NAME_HEIGHT : 0);
};
const onRight = (axis: PanelAxis): boolean => 'scale' in axis && axis.side === 'right';
const leftMargin = (panel: Panel): number => (onRight(panel.y) ? 0 : sideMargin(panel.y));
const topMargin = (panel: Panel): number => (panel.title ? 32 : 12) + (panel.roomAbove ?? 0);

function rightMargin(panel: Panel): number {
  const lastLabel = 'scale' in panel.x ? widest(labelsOf(panel.x).slice(-1)) / 2 : 0;
  return Math.max(panel.roomRight ?? 0, lastLabel, onRight(panel.y) ? sideMargin(panel.y) : 0);
}

function labelRoomBelow(panel: Panel): number {
  const labels = labelsOf(panel.x);
  if (labels.length === 0) return 0;
  if (!leans(panel.x, panel.width)) return FONT_SIZE.label + LABEL_GAP;
  return (widest(labels) + FONT_SIZE.label / 2) * Math.SQRT1_2 + LABEL_GAP;
}

const bottomMargin = (panel: Panel): number => labelRoomBelow(panel) + (panel.x.name ? NAME_HEIGHT : 0) + 4;

function plotBox(panel: Panel, left: number, top: number): PlotBox {
  const { width, height } = panel;
  const along = (axis: PanelAxis, value: number): number =>
    'categories' in axis
      ? (value + 0.5) / axis.categories.length
      : (value - axis.scale.min) / (axis.scale.max - axis.scale.min);
  return {
    left,
    top,
    width,
    height,
    x: (value) => left + width * along(panel.x, value),
    y: (value) => top + height * ('categories' in panel.y ? along(panel.y, value) : 1 - along(panel.y, value)),
  };
}

function panelTexts(panel: Panel, box: PlotBox): Graphic[] {
  const texts: Graphic[] = [];
  const { left, top, width, height } = box;
  const nameStyle = { size: FONT_SIZE.axisName, colour: COLOUR.mutedText, align: 'center' } as const;
  if (panel.title)
    texts.push(
      textAt(left, top - 18 - (panel.roomAbove ?? 0), panel.title, { size: FONT_SIZE.panelTitle, bold: true }),
    );
  if (panel.x.name) {
    const y = top + height + labelRoomBelow(panel) + NAME_HEIGHT / 2;
    texts.push(textAt(left + width / 2, y, panel.x.name, nameStyle));
  }
  if (panel.y.name) {
    const away = sideMargin(panel.y) - NAME_HEIGHT / 2 + 2;
    const x = onRight(panel.y) ? left + width + away : left - away;
    texts.push(textAt(x, top + height / 2, panel.y.name, { ...nameStyle, rotate: 90 }));
  }
  return texts;
}

function axisOption(axis: PanelAxis, length: number, direction: 'x' | 'y'): object {
  const shared = {
    silent: true,
    splitLine: { show: axis.grid ?? false, lineStyle: { color: COLOUR.grid, width: 1 } },
    axisLine: { show: axis.line !== false, onZero: false, lineStyle: { color: COLOUR.axis } },
  };
  const label = { color: COLOUR.text, fontSize: FONT_SIZE.label, margin: LABEL_GAP, hideOverlap: false };
  if ('categories' in axis) {
    return {
      ...shared,
      type: 'category',
      data: axis.categories.map((name) => elide(name, LONGEST_LABEL)),
      inverse: direction === 'y',
      axisTick: { show: false },
      axisLabel: {
        ...label,
        show: axis.labels !== 'none',
        interval: 0,
        rotate: direction === 'x' && leans(axis, length) ? 45 : 0,
      },
    };
  }
  const values = axis.scale.ticks.map((tick) => tick.value);
  const text = new Map(axis.scale.ticks.map((tick) => [tick.value, tick.label]));
  return {
    ...shared,
    type: 'value',
    position: axis.side ?? (direction === 'x' ? 'bottom' : 'left'),
    min: axis.scale.min,
    startValue: axis.scale.origin,
    max: axis.scale.max,
    // The library's own ticks are not drawn; one interval spares it the search for nice ones.
    interval: axis.scale.max - axis.scale.min,
    axisTick: { show: axis.labels !== 'none', length: 4, customValues: values, lineStyle: { color: COLOUR.axis } },
    axisLabel: {
      ...label,
      show: axis.labels !== 'none',
      customValues: values,
      formatter: (value: number) => text.get(value) ?? '',
    },
  };
}
