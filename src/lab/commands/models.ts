import { createModel, MODEL_NAMES, type ModelName } from '../../nn/models/index.ts';
import { formatFlops, summarize } from '../../nn/summary.ts';
import { openNullDevice } from '../../node.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { DONE } from '../run/exit_codes.ts';
import { formatTable } from '../terminal/text_table.ts';

export interface ListModelsOptions {
  json?: boolean;
  width: number;
}

/** A network as `wgrad models --json` describes it. */
export interface ModelDescription {
  name: ModelName;
  parameters: number;
  /** For one image, of convolutions and linear layers; a multiply-add is two. */
  flops: number;
  /** [height, width, channels] of the images for which FLOPs are counted. */
  input: readonly number[];
}

/** The networks for ten classes of images of 32×32 with three channels. */
export function describeModels(gpu: Gpu, width: number): ModelDescription[] {
  return MODEL_NAMES.map((name) =>
    gpu.scope(() => {
      const model = createModel(gpu, name, { width });
      const { parameters, flops } = summarize(model, [1, ...model.imageShape]).totals;
      return { name, parameters, flops, input: model.imageShape };
    }),
  );
}

/** Prints the networks as a table or as JSON; needs no driver. */
export async function runModels({ json = false, width }: ListModelsOptions): Promise<number> {
  const gpu = await openNullDevice();
  try {
    const models = describeModels(gpu, width);
    if (json) console.log(JSON.stringify(models, null, 2));
    else {
      const rows = models.map(({ name, parameters, flops, input }) => [
        name,
        parameters.toLocaleString('en-US'),
        formatFlops(flops),
        input.join('×'),
      ]);
      console.log(formatTable(['network', 'parameters', 'FLOPs for one image', 'input'], rows));
      console.log('Ten classes; a multiply-add counts as two FLOPs.');
    }
    return DONE;
  } finally {
    gpu.close();
  }
}
