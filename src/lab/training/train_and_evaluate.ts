import { CrossEntropyLoss } from '../../nn/losses/cross_entropy.ts';
import type { Module } from '../../nn/module.ts';
import { Adam } from '../../nn/optimizers/adam.ts';
import type { LabContext } from '../experiments/experiment.ts';
import { Progress } from '../progress.ts';
import { percent } from '../table.ts';
import type { BatchSource } from './batch_source.ts';
import { loadCheckpoint, saveCheckpoint, type TrainingPosition } from './checkpoint.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { type Training, train } from './trainer.ts';

/** Step size and L2 penalty of all the lab's Adam trainings. */
const ADAM = { lr: 1e-3, weightDecay: 1e-4 };
/** The lab's augmentation of training images. */
const AUGMENTATION = { cropPadding: 4, flip: 0.5 };

export interface TrainingRun {
  /** Names the checkpoint file, and the training on the screen. */
  name: string;
  model: Module;
  train: BatchSource;
  test: BatchSource;
}

export interface TrainedAndEvaluated {
  finished: boolean;
  training: Training;
  /** None where the run was stopped. */
  evaluation?: Evaluation;
  timings: { trainingSeconds: number; epochSeconds: number[]; imagesPerSecond: number; evaluationSeconds: number };
}

/** Trains a model by the configuration with progress on the screen, from its checkpoint where there is one, then evaluates it. */
export async function trainAndEvaluate(context: LabContext, run: TrainingRun): Promise<TrainedAndEvaluated> {
  const { gpu, configuration, folder, signal } = context;
  const { epochs, batchSize, seed } = configuration;
  const { model, train: source } = run;
  const optimizer = new Adam(model.parameters(), ADAM);
  const checkpoint = folder.file('checkpoints', `${run.name}.safetensors`);
  const identity = JSON.stringify(configuration);
  const tensors = { model, optimizer };

  let position: TrainingPosition | undefined;
  if (await folder.has('checkpoints', `${run.name}.safetensors`))
    position = await loadCheckpoint(checkpoint, tensors, identity);

  const steps = Math.ceil(source.count / batchSize);
  const progress = new Progress(run.name, epochs * steps, position ? position.epoch * steps + position.step : 0);
  const training = await train({
    ...{ gpu, model, optimizer, source, epochs, batchSize, seed, signal, position },
    criterion: new CrossEntropyLoss(),
    augmentation: AUGMENTATION,
    onProgress: ({ epoch, step, loss, accuracy, imagesPerSecond }) =>
      progress.update(step, [
        `epoch ${epoch}/${epochs}`,
        `loss ${loss.toFixed(3)}`,
        `accuracy ${percent(accuracy)}`,
        `${imagesPerSecond.toFixed(0)} images/s`,
      ]),
    onCheckpoint: (at) => saveCheckpoint(checkpoint, tensors, at, identity),
  }).finally(() => progress.stop());

  const trainingSeconds = training.epochSeconds.reduce((sum, seconds) => sum + seconds, 0);
  const timings = {
    trainingSeconds,
    epochSeconds: training.epochSeconds,
    imagesPerSecond: (training.epochSeconds.length * source.count) / trainingSeconds,
    evaluationSeconds: 0,
  };
  if (!training.finished || signal.aborted) return { finished: false, training, timings };

  const started = performance.now();
  const testing = new Progress(`${run.name} test`, run.test.count);
  try {
    const evaluation = await evaluate({
      ...{ gpu, model, batchSize, signal },
      source: run.test,
      onProgress: (done, total) => testing.update(done, [`${done} of ${total} images`]),
    });
    timings.evaluationSeconds = (performance.now() - started) / 1000;
    return { finished: true, training, evaluation, timings };
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
    return { finished: false, training, timings };
  } finally {
    testing.stop();
  }
}
