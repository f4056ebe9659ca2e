import { html } from '../dom.ts';
import { bytes, flops, milliseconds, shapeText, short } from '../format.ts';
import { activationView } from './by_hand_view.ts';
import { featureMaps, gradientMaps, windowView } from './feature_maps.ts';
import { type Box, boxesOf, drawGraph, firstUnfolded } from './graph.ts';
import { drawMemory } from './memory.ts';
import { statisticsTable } from './numbers.ts';
import { parameterSection } from './parameters.ts';
import { filterPictures, imagePictures } from './pictures.ts';
import { sourceView } from './source_view.ts';
import type { StepView } from './step_view.ts';
import { TapeWalk } from './tape_walk.ts';
import { drawTimeline } from './timeline.ts';
import { dispatchTable, layerTable, phaseTable } from './totals.ts';

const byId = (id: string) => document.getElementById(id) as HTMLElement;

function detailOf(view: StepView, box: Box): HTMLElement {
  const { record } = view.step;
  const detail = html('div', {});
  const index = box.nodes[box.nodes.length - 1];
  const node = record.nodes[index];
  const module = view.moduleOf(box.module);
  const kept = box.nodes.reduce((sum, i) => sum + record.nodes[i].savedBytes, 0);
  const source = html('div', {});
  const showSource = (kernel: string) => {
    source.replaceChildren(sourceView(view, kernel));
    source.scrollIntoView({ block: 'nearest' });
  };
  const runs = (way: 'forward' | 'backward') => box.nodes.flatMap((i) => view.dispatchesOf(i)[way]);
  const inputs = node.inputs.map((from) =>
    'node' in from
      ? `${record.nodes[from.node].operation} (${shapeText(record.nodes[from.node].shape)})`
      : 'parameter' in from
        ? from.parameter
        : 'images' in from
          ? 'the images'
          : `a tensor of ${shapeText(from.other)}`,
  );
  const settings = Object.entries(node.settings).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? `[${value}]` : value}`,
  );
  detail.append(
    html(
      'h3',
      {},
      box.folded ? box.key : `${node.operation}${box.module ? ` in ${box.module}` : ', outside the network'}`,
    ),
    html(
      'p',
      {},
      module ? `${module.type}${module.details ? ` (${module.details})` : ''}. ` : '',
      box.folded ? `${box.nodes.length} operations. ` : `Reads ${inputs.join(', ')}. `,
      `Gives ${shapeText(node.shape)}. Keeps ${bytes(kept)} for the backward pass${kept === 0 ? ' that no operation before it keeps' : ''}.`,
    ),
  );
  if (!box.folded) {
    if (settings.length > 0)
      detail.append(html('details', {}, html('summary', {}, 'settings'), html('p', {}, settings.join(', '))));
    detail.append(
      statisticsTable([
        ['activation', node.activation],
        ['gradient', node.gradient],
      ]),
    );
    const hand = html('div', { id: 'hand' });
    const ask = (at: number[]) => {
      const window = windowView(view, index, at);
      hand.replaceChildren(...(window ? [window] : []), activationView(view, index, at));
    };
    const maps = featureMaps(view, index, ask);
    const gradients = gradientMaps(view, index);
    if (maps) detail.append(html('h4', {}, 'What flows forward'), maps, hand);
    if (gradients) detail.append(html('h4', {}, 'What flows back'), gradients);
  }
  for (const way of ['forward', 'backward'] as const) {
    const own = runs(way);
    if (own.length > 0)
      detail.append(html('h4', {}, `Kernels, ${way}`), dispatchTable(own, view.totals.ms, showSource));
  }
  detail.append(source);
  const [first] = runs('forward');
  if (first && !box.folded) source.replaceChildren(sourceView(view, first.kernel));
  return detail;
}

/** Fills the sections of a page with a step; see `sections.ts`. Returns the walk along its tape. */
export function buildStepPage(view: StepView): TapeWalk {
  const { step } = view;
  const { record } = step;
  const peak = Math.max(...record.memory.samples.map((sample) => sample.bytes));
  byId('facts').replaceChildren(
    ...[
      ['loss', short(record.loss)],
      ['batch', `${record.batchSize} images of ${shapeText(record.images.slice(1))}, ${step.data}`],
      ['steps done before', String(record.stepsBefore)],
      ['parameters', record.network.parameters.toLocaleString('en')],
      ['operations on the tape', String(record.nodes.length)],
      ['dispatches', String(record.dispatches.length)],
      ['on the device', milliseconds(view.totals.ms)],
      ['arithmetic', `${flops(view.totals.flops)} FLOP`],
      ['memory at most', bytes(peak)],
      ['adapter', record.adapter],
    ].map(([name, value]) => html('div', {}, html('dt', {}, name), html('dd', {}, value))),
  );
  const unfolded = firstUnfolded(view);
  let selected: string | undefined;
  const graph = byId('graph');
  const select = (box: Box) => {
    selected = box.key;
    byId('detail').replaceChildren(detailOf(view, box));
    draw();
  };
  const toggle = ({ key }: Box) => {
    unfolded.add(key);
    draw();
  };
  const draw = () => {
    const { scrollLeft } = graph;
    graph.replaceChildren(drawGraph(view, unfolded, selected ?? '', { select, toggle }));
    graph.scrollLeft = scrollLeft;
    byId('unfolded').replaceChildren(
      ...[...unfolded]
        .filter((name) => view.nodesIn(name).length > 1)
        .map((name) =>
          html(
            'button',
            {
              type: 'button',
              onclick: () => {
                for (const other of [...unfolded])
                  if (other === name || other.startsWith(`${name}.`)) unfolded.delete(other);
                draw();
              },
            },
            `fold ${name}`,
          ),
        ),
    );
  };
  const showNode = (node: number) => {
    for (const name of view.pathOf(view.node(node).module)) unfolded.add(name);
    const box = boxesOf(view, unfolded).find(({ nodes }) => nodes.includes(node));
    if (box) select(box);
    // Along the graph alone: the page stays where it is.
    const place = graph.querySelector('.selected')?.getBoundingClientRect();
    const frame = graph.getBoundingClientRect();
    if (place && (place.left < frame.left || place.right > frame.right))
      graph.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
  };
  const selectNode = (node: number) => {
    showNode(node);
    byId('detail').scrollIntoView({ block: 'start' });
  };
  const walk = new TapeWalk(view, showNode);
  byId('walk').replaceChildren(walk.element);
  byId('time').replaceChildren(drawTimeline(view, selectNode), phaseTable(view));
  byId('layers').replaceChildren(layerTable(view, selectNode));
  byId('memory').replaceChildren(drawMemory(view));
  byId('image').replaceChildren(imagePictures(view));
  const filters = filterPictures(view);
  if (filters) byId('image').append(html('h3', {}, 'The first filters'), filters);
  byId('parameters').replaceChildren(parameterSection(view));
  draw();
  const first = boxesOf(view, unfolded).find(
    ({ folded, nodes }) => !folded && view.node(nodes[0]).operation === 'conv2d',
  );
  const box = first ?? boxesOf(view, unfolded)[0];
  if (box) select(box);
  if (box?.folded) selectNode(0);
  return walk;
}
