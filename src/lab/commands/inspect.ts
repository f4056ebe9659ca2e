import { join } from 'node:path';
import type { ImageDataset } from '../../data/image_dataset.ts';
import { orderedBatches } from '../../data/ordered_batches.ts';
import type { TrainingData } from '../../data/training_data.ts';
import { type RecordedStep, recordStep } from '../../inspect/record_step.ts';
import { addFilters, shadersOf, whereItLooks } from '../../inspect/shown_extras.ts';
import { shownStep } from '../../inspect/shown_step.ts';
import { stepTrace } from '../../inspect/step_trace.ts';
import type { ModelName } from '../../nn/models/index.ts';
import { Module } from '../../nn/module.ts';
import { makeFolder, writeFileAtomically } from '../../node/atomic_file.ts';
import { readShader } from '../../node/read_shader.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Recipe } from '../../train/recipe.ts';
import { recipeTask } from '../../train/recipe_task.ts';
import { train } from '../../train/trainer.ts';
import { trainingStep } from '../../train/training_step.ts';
import { stepPage } from '../report/step_page.ts';
import { DONE, STOPPED } from '../run/exit_codes.ts';
import { importOwn } from '../run/own_module.ts';
import type { OwnBuilders } from '../run/own_parts.ts';
import { withRecorded } from '../run/recorded_network.ts';
import { namedModel, networkFrom, readWeightsFile } from '../run/weights_file.ts';
import { Progress } from '../terminal/progress.ts';
import { openTraining, type TrainingInput } from './open_training.ts';

export interface InspectOptions extends TrainingInput {
  /** Training steps to do before the one that is recorded. */
  step: number;
  /** Place in the batch of the image to follow. */
  image: number;
  /** Weights to begin from. */
  weights?: string;
  /** A file whose default export makes the network, see `OwnBuilders.model`. */
  module?: string;
  /** Folder to write into. */
  out: string;
  /** Print the record and write nothing. */
  json?: boolean;
}

/** Images of a batch where nothing is said: few enough for every number to find room on a page. */
const BATCH = 8;

/**
 * Records one training step and writes it as inspect.html, a page to walk through it, trace.json, for Perfetto, and step.json, the record.
 *
 * @returns the exit code: 0 when all is done, 130 where it was stopped
 */
export async function runInspect(options: InspectOptions): Promise<number> {
  const { signal, json = false, step, out } = options;
  const say = json ? () => {} : (text: string) => console.log(text);
  if (!json) await makeFolder(out);
  const file = options.weights === undefined ? undefined : await readWeightsFile(options.weights);
  const { batchSize = BATCH } = options;
  const given = file
    ? withRecorded({ ...options, batchSize }, file.recorded, options.weights as string)
    : { ...options, batchSize };
  const build = options.module === undefined ? undefined : await ownModel(options.module);
  const opened = await openTraining(given, say);
  if (opened === undefined) return STOPPED;
  const { gpu, dataset, recipe, data } = opened;
  try {
    if (recipe.precision === 'f16') throw new UserError('inspect shows a step in float32; leave --precision out.');
    const model =
      file !== undefined
        ? networkFrom(
            gpu,
            { path: options.weights as string, weights: file.weights },
            namedModel(given.model as ModelName | undefined, options.weights as string),
            {
              ...{ classes: data.classes, channels: data.channels, width: given.width, imageSize: data.imageSize },
            },
          )
        : build && made(build, gpu, data, recipe, options.module as string);
    const task = recipeTask<Module>(gpu, recipe, data, model);
    const done = await stepsBefore(task, step, signal);
    if (signal.aborted) return STOPPED;
    const indices = batchAt(task, done);
    if (options.image >= indices.length) {
      throw new UserError(
        `There is no image ${options.image} in a batch of ${indices.length}; the first is --image 0.`,
      );
    }
    const looked = await whereItLooks(gpu, task, indices, options.image);
    const epoch = Math.floor(done / task.stepsPerEpoch);
    task.criterion.setEpoch?.(epoch);
    const recorded = await recordStep({
      ...{ gpu, model: task.model, optimizer: task.optimizer, stepsBefore: done },
      step: (begins) => trainingStep(task, indices, epoch, undefined, begins),
    });
    if (json) {
      console.log(JSON.stringify(recorded.record));
      return DONE;
    }
    const shown = shownStep(recorded, options.image);
    if (looked) shown.tensors.set('gradCam', looked.map);
    addFilters(shown, task.model, recorded);
    const page = await stepPage(shown, {
      title: `One training step of ${options.module === undefined ? recorded.record.network.type : (options.module.split(/[\\/]/).pop() as string)}`,
      ...surroundings(dataset, data, task, indices[options.image]),
      ...{ shaders: shadersOf(recorded, readShader), gradCamLayer: looked?.layer },
    });
    const files = {
      'inspect.html': page,
      'trace.json': JSON.stringify(stepTrace(recorded.record)),
      'step.json': JSON.stringify(recorded.record),
    };
    for (const [name, text] of Object.entries(files)) await writeFileAtomically(join(out, name), text);
    say(summary(recorded));
    say(
      `\nPage: ${join(out, 'inspect.html')}\nTrace: ${join(out, 'trace.json')} (open it in https://ui.perfetto.dev or chrome://tracing)\nRecord: ${join(out, 'step.json')}`,
    );
    return DONE;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return STOPPED;
  } finally {
    gpu.close();
  }
}

type Task = ReturnType<typeof recipeTask<Module>>;

/** What a file of the user's makes networks with. Throws UserError where it exports no function. */
async function ownModel(path: string): Promise<OwnBuilders['model']> {
  const { default: build } = await importOwn(path);
  if (typeof build === 'function') return build as OwnBuilders['model'];
  throw new UserError(`${path} has no default export that is a function (gpu, images, recipe) => Module.`);
}

function made(build: OwnBuilders['model'], gpu: Gpu, data: TrainingData, recipe: Recipe, path: string): Module {
  const model = build(gpu, data, recipe);
  if (model instanceof Module) return model;
  throw new UserError(`The default export of ${path} gave no Module.`);
}

/** Does the steps before. Returns how many there were. */
async function stepsBefore(task: Task, steps: number, signal: AbortSignal): Promise<number> {
  task.model.train();
  if (steps === 0) return 0;
  const most = task.epochs * task.stepsPerEpoch;
  if (steps >= most) {
    throw new UserError(
      `--step ${steps} is beyond the training's last step, ${most - 1}; give more --epochs, or fewer steps.`,
    );
  }
  const enough = new AbortController();
  const progress = new Progress('steps before', steps);
  let done = 0;
  await train({
    ...task,
    signal: AbortSignal.any([signal, enough.signal]),
    watchStep: (step) => {
      step();
      done++;
      if (done === steps) enough.abort();
    },
    onProgress: ({ step, loss }) => progress.update(step, [`loss ${loss.toFixed(3)}`]),
  }).finally(() => progress.stop());
  return done;
}

/** The images of the batch that comes next. */
function batchAt({ sampler, batchSize, dropLast, stepsPerEpoch }: Task, done: number): Uint32Array {
  const order = sampler.epochOrder(Math.floor(done / stepsPerEpoch));
  const [indices] = orderedBatches(order, { batchSize, firstStep: done % stepsPerEpoch, dropLast });
  return indices;
}

function surroundings(
  { name, mean, std }: ImageDataset,
  { classNames }: TrainingData,
  { source }: Task,
  image: number,
) {
  return { data: name, classNames, label: source.labels[image], normalisation: { mean, std } };
}

function summary({ record }: RecordedStep): string {
  const ms = record.dispatches.reduce((sum, dispatch) => sum + dispatch.ms, 0);
  const flops = record.dispatches.reduce((sum, dispatch) => sum + (dispatch.flops ?? 0), 0);
  return `\nStep ${record.stepsBefore + 1}: loss ${record.loss.toFixed(4)}, ${record.nodes.length} operations on the tape, ${record.dispatches.length} dispatches, ${ms.toFixed(1)} ms on the device, ${(flops / 1e9).toFixed(2)} GFLOP.`;
}
