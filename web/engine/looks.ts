import { confusionMatrix } from '../../src/metrics/confusion.ts';
import { Conv2d } from '../../src/nn/layers/conv2d.ts';
import type { Gpu } from '../../src/runtime/gpu.ts';
import { evaluate } from '../../src/train/evaluation.ts';
import type { Filters, LayerGradient, Look, Mistake } from '../protocol.ts';
import type { Run } from './run.ts';

const MOST_MISTAKES = 12;

/** How a run does on the images held out, and those it takes for others, the surest first. */
export async function heldOutLook(gpu: Gpu, run: Run): Promise<Pick<Look, 'held' | 'mistakes'>> {
  const { test, classes } = run.data;
  const { model } = run.task;
  const { generator } = gpu;
  const { loss, metrics, predictions, targets, probabilities } = await evaluate({
    ...{ gpu, model, source: test, batchSize: 50 },
  });
  gpu.generator = generator;
  const wrong = [...predictions.keys()]
    .filter((i) => predictions[i] !== targets[i])
    .sort((a, b) => probabilities[b * classes + predictions[b]] - probabilities[a * classes + predictions[a]])
    .slice(0, MOST_MISTAKES);
  const pixels = wrong.length > 0 ? await gpu.scope(() => test.pixels(Uint32Array.from(wrong))) : new Uint8Array(0);
  const each = pixels.length / Math.max(1, wrong.length);
  const mistakes = wrong.map(
    (image, i): Mistake => ({
      image,
      label: targets[image],
      predicted: predictions[image],
      probability: probabilities[image * classes + predictions[image]],
      pixels: pixels.slice(i * each, (i + 1) * each),
    }),
  );
  return {
    held: {
      ...{ step: run.step, loss, accuracy: metrics.accuracy, balancedAccuracy: metrics.balancedAccuracy },
      recall: metrics.perClass.map(({ recall }) => recall),
      confusion: confusionMatrix(targets, predictions, classes).flat(),
    },
    mistakes,
  };
}

/** What is inside the network: the first filters, gradients of its layers, and what `diagnose` says. */
export async function innerLook(run: Run): Promise<Pick<Look, 'filters' | 'layers' | 'phases' | 'said'>> {
  return { filters: await firstFilters(run), layers: layerGradients(run), phases: run.phases, said: run.said };
}

async function firstFilters({ task: { model } }: Run): Promise<Filters | undefined> {
  const first = model.namedModules().find(([, module]) => module instanceof Conv2d);
  const weight = (first?.[1] as Conv2d | undefined)?.weight;
  return weight && { shape: [...weight.shape], values: await weight.data() };
}

/** Of the last watched step, one for each weight of two dimensions or more. */
function layerGradients({ sample }: Run): LayerGradient[] {
  return (sample?.parameters ?? [])
    .filter(({ shape, gradientNorm }) => shape.length > 1 && gradientNorm !== undefined)
    .map(({ name, gradientNorm = 0, weightNorm, updateNorm }) => ({
      name: name.replace(/\.weight$/, ''),
      ...{ gradient: gradientNorm, weight: weightNorm, update: updateNorm },
    }));
}
