import { type PageData, packPage } from '../../src/inspect/page_data.ts';
import { recordStep } from '../../src/inspect/record_step.ts';
import { addFilters, shadersOf, whereItLooks } from '../../src/inspect/shown_extras.ts';
import { shownStep } from '../../src/inspect/shown_step.ts';
import { shaders } from '../../src/shaders.ts';
import { trainingStep } from '../../src/train/training_step.ts';
import type { Session } from './session.ts';

/** Does the next step of every run, and records that of one: what the page of `wgrad inspect` shows. image: place in the batch of the image to follow. */
export async function recordPage(
  session: Session,
  chosen: number,
  image: number,
): Promise<{ data: PageData; numbers: Float32Array }> {
  const { gpu, dataset, data } = session;
  const run = session.runs[chosen];
  const { task, epoch } = run;
  await session.takeSnapshots();
  const indices = run.nextBatch();
  const place = Math.min(image, indices.length - 1);
  const looked = await whereItLooks(gpu, task, indices, place);
  const recorded = await run.recorded(() => {
    task.criterion.setEpoch?.(epoch);
    return recordStep({
      ...{ gpu, model: task.model, optimizer: task.optimizer, stepsBefore: run.step },
      step: (begins) => trainingStep(task, indices, epoch, undefined, begins),
    });
  });
  await session.stepOthers(chosen, recorded.record.loss);
  const shown = shownStep(recorded, place);
  if (looked) shown.tensors.set('gradCam', looked.map);
  addFilters(shown, task.model, recorded);
  return packPage(shown, {
    title: `Step ${run.step} of ${recorded.record.network.type}`,
    ...{ data: dataset.name, classNames: data.classNames, label: task.source.labels[indices[place]] },
    normalisation: { mean: dataset.mean, std: dataset.std },
    ...{ shaders: shadersOf(recorded, shaders), gradCamLayer: looked?.layer },
  });
}
