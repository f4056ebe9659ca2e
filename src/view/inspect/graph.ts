import dagre from '@dagrejs/dagre';
import { svg } from '../dom.ts';
import { milliseconds, shapeText } from '../format.ts';
import { type StepView, totalsOf } from './step_view.ts';

/** What the graph shows as one box: an operation, or a module that is folded. */
export interface Box {
  key: string;
  title: string;
  /** The innermost module, or '' */
  module: string;
  nodes: number[];
  folded: boolean;
}

/** Boxes that are shown at first, about. */
const AT_FIRST = 12;

/** Modules to unfold at first: the outermost, as long as the boxes are few. */
export function firstUnfolded(view: StepView): Set<string> {
  const unfolded = new Set<string>();
  for (;;) {
    const boxes = boxesOf(view, unfolded);
    const next = boxes.find(({ folded, key }) => folded && view.pathOf(key).length === 1) ?? undefined;
    if (next === undefined || boxes.length >= AT_FIRST) return unfolded;
    const opened = new Set([...unfolded, next.key]);
    if (boxesOf(view, opened).length > 2 * AT_FIRST) return unfolded;
    unfolded.add(next.key);
  }
}

/** The boxes of the graph. */
export function boxesOf(view: StepView, unfolded: ReadonlySet<string>): Box[] {
  const boxes = new Map<string, Box>();
  for (const [index, { module, operation }] of view.step.record.nodes.entries()) {
    const path = view.pathOf(module);
    const fold = path.find((name) => !unfolded.has(name) && view.nodesIn(name).length > 1);
    const key = fold ?? `#${index}`;
    const title = fold === undefined ? operation : (fold.split('.').pop() ?? fold);
    const box = boxes.get(key) ?? { key, title, module: fold ?? module, nodes: [], folded: fold !== undefined };
    box.nodes.push(index);
    boxes.set(key, box);
  }
  return [...boxes.values()];
}

const BOX = { width: 148, height: 66 };

/** The tape as a drawing: forward from left to right, gradients coming back. */
export function drawGraph(
  view: StepView,
  unfolded: ReadonlySet<string>,
  selected: string,
  on: { select: (box: Box) => void; toggle: (box: Box) => void },
): SVGSVGElement {
  const boxes = boxesOf(view, unfolded);
  const boxOf = new Map(boxes.flatMap((box) => box.nodes.map((node) => [node, box] as const)));
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 22, ranksep: 46, marginx: 8, marginy: 14 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode('images', { width: 90, height: 44 });
  for (const { key } of boxes) graph.setNode(key, { ...BOX });
  const learns = new Map<string, boolean>();
  for (const [index, { inputs }] of view.step.record.nodes.entries()) {
    const to = boxOf.get(index) as Box;
    for (const source of inputs) {
      const from = 'node' in source ? boxOf.get(source.node)?.key : 'images' in source ? 'images' : undefined;
      if (from === undefined || from === to.key) continue;
      graph.setEdge(from, to.key);
      const key = `${from}→${to.key}`;
      const gradient = 'node' in source && view.node(source.node).gradient !== undefined;
      learns.set(key, (learns.get(key) ?? false) || gradient);
    }
  }
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const drawing = svg('svg', {
    ...{ width, height, viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'The tape as a graph' },
  });
  drawing.append(svg('defs', {}, arrow('ahead', 'var(--forward)'), arrow('back', 'var(--backward)')));
  for (const { v, w } of graph.edges()) {
    const points = (graph.edge(v, w) as { points: { x: number; y: number }[] }).points;
    drawing.append(line(points, 0, 'ahead'));
    if (learns.get(`${v}→${w}`)) drawing.append(line([...points].reverse(), 7, 'back'));
  }
  const images = graph.node('images') as { x: number; y: number };
  drawing.append(
    svg(
      'g',
      { transform: `translate(${images.x - 45},${images.y - 22})` },
      svg('rect', { width: 90, height: 44, rx: 6, class: 'images' }),
      svg('text', { x: 45, y: 19, 'text-anchor': 'middle', class: 'title' }, 'images'),
      svg('text', { x: 45, y: 35, 'text-anchor': 'middle', class: 'small' }, shapeText(view.step.record.images)),
    ),
  );
  for (const box of boxes) {
    const at = graph.node(box.key) as { x: number; y: number };
    drawing.append(drawBox(view, box, at, box.key === selected, on));
  }
  return drawing;
}

function arrow(id: string, colour: string): SVGElement {
  return svg(
    'marker',
    { id, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
    svg('path', { d: 'M0,0 L8,4 L0,8 z', fill: colour }),
  );
}

function line(points: readonly { x: number; y: number }[], shift: number, kind: 'ahead' | 'back'): SVGElement {
  const d = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)},${(y + shift).toFixed(1)}`).join(' ');
  return svg('path', { d, class: `edge ${kind}`, 'marker-end': `url(#${kind})` });
}

function drawBox(
  view: StepView,
  box: Box,
  { x, y }: { x: number; y: number },
  selected: boolean,
  on: { select: (box: Box) => void; toggle: (box: Box) => void },
): SVGElement {
  const { width, height } = BOX;
  const own = box.nodes.map((node) => view.dispatchesOf(node));
  const ahead = totalsOf(own.flatMap(({ forward }) => forward));
  const back = totalsOf(own.flatMap(({ backward }) => backward));
  const share = (ahead.ms + back.ms) / (view.totals.ms || 1);
  const last = view.node(box.nodes[box.nodes.length - 1]);
  const choose = () => on.select(box);
  const group = svg(
    'g',
    {
      transform: `translate(${x - width / 2},${y - height / 2})`,
      class: `box${selected ? ' selected' : ''}${box.folded ? ' folded' : ''}`,
      ...{ tabindex: 0, role: 'button', 'data-name': `${box.title}, ${box.module}` },
      onclick: choose,
      onkeydown: (event: KeyboardEvent) => {
        if (event.key === 'Enter') choose();
        if (event.key === ' ' && box.folded) {
          event.preventDefault();
          on.toggle(box);
        }
      },
    },
    svg(
      'title',
      {},
      `${box.module || 'outside the network'}: ${box.nodes.length === 1 ? last.operation : `${box.nodes.length} operations`}`,
    ),
    svg('rect', { width, height, rx: 6 }),
    svg('rect', { width: Math.max(1, width * share), height: 4, class: 'share' }),
    svg('text', { x: 9, y: 22, class: 'title' }, clip(box.title, 17)),
    svg(
      'text',
      { x: 9, y: 38, class: 'small' },
      clip(
        box.folded ? shapeText(last.shape) : `${box.module.split('.').pop() || 'loss'} · ${shapeText(last.shape)}`,
        23,
      ),
    ),
    svg(
      'text',
      { x: 9, y: 55, class: 'small' },
      svg('tspan', { class: 'forward' }, `→ ${milliseconds(ahead.ms)} `),
      svg('tspan', { class: 'backward' }, `← ${milliseconds(back.ms)}`),
    ),
  );
  if (box.folded) {
    const open = (event: Event) => {
      event.stopPropagation();
      on.toggle(box);
    };
    group.append(
      svg(
        'g',
        { class: 'fold', onclick: open, role: 'button', 'aria-label': `unfold ${box.key}` },
        svg('rect', { x: width - 27, y: 8, width: 20, height: 20, rx: 4 }),
        svg('text', { x: width - 17, y: 23, 'text-anchor': 'middle' }, '+'),
      ),
    );
  }
  return group;
}

const clip = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
