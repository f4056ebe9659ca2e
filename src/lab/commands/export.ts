import { classNamesOf } from '../../data/sources/class_names.ts';
import type { ModelName } from '../../nn/models/index.ts';
import { exportOnnx, ONNX_OPSET } from '../../nn/onnx/export_onnx.ts';
import { writeFileAtomically } from '../../node/atomic_file.ts';
import { openDevice } from '../../node.ts';
import { UserError } from '../../runtime/errors.ts';
import { DONE } from '../run/exit_codes.ts';
import { type RecordedNetwork, withRecorded } from '../run/recorded_network.ts';
import { checkNormalisation, namedModel, networkFrom, readWeightsFile } from '../run/weights_file.ts';

export interface ExportOptions {
  /** File of weights. */
  weights: string;
  /** File to write. */
  onnx: string;
  /** As the file of weights records it where left out; so are width, mean and std. */
  model?: ModelName;
  /** 1 where neither given nor recorded. */
  width?: number;
  /** Of each channel. Where neither given nor recorded, the file takes normalised images. */
  mean?: number[];
  std?: number[];
  /** Names of the classes. Default: as the weights record them, or those of the data set that they record. */
  classes?: string[];
  /** Height and width of the images. Default: the network's own. */
  imageSize?: number;
  /** End in probabilities. */
  softmax?: boolean;
  /** Part of an adapter's name, or its kind. */
  adapter?: string;
}

/** Writes a network with weights from a file as an ONNX file. Returns the exit code. Throws UserError for what does not fit. */
export async function runExport(options: ExportOptions): Promise<number> {
  const { onnx, adapter, softmax = false } = options;
  const { weights, recorded } = await readWeightsFile(options.weights);
  const { model, width, mean, std, data, imageSize, classes } = withRecorded<
    ExportOptions & Pick<RecordedNetwork, 'data'>
  >(options, recorded, options.weights);
  const name = namedModel(model, options.weights);
  if ((mean === undefined) !== (std === undefined)) {
    throw new UserError('--mean and --std are needed together, or neither: then the file takes normalised images.');
  }
  const gpu = await openDevice({ adapter });
  try {
    const network = networkFrom(gpu, { path: options.weights, weights }, name, { width, imageSize });
    const classNames = classes ?? (data === undefined ? undefined : classNamesOf(data));
    checkNormalisation({ mean, std }, network.imageShape[2]);
    if (classNames && classNames.length !== network.classes) {
      throw new UserError(
        `The network has ${network.classes} classes, and there are ${classNames.length} names for them; give as many with --classes.`,
      );
    }
    const file = await exportOnnx(network, network.imageShape, {
      ...{ softmax, classNames },
      normalization: mean && std && { mean, std },
      metadata: { model: name, width: `${width ?? 1}`, ...(data !== undefined && { data }) },
    });
    await writeFileAtomically(onnx, file);
    const [height, side, depth] = network.imageShape;
    const pixels = mean ? 'pixels from 0 to 1' : 'normalised pixels';
    console.log(
      `${onnx}: ${name}, ONNX opset ${ONNX_OPSET}; float32 images [N, ${depth}, ${height}, ${side}] of ${pixels} to ${softmax ? 'probabilities' : 'logits'} of ${network.classes} classes.`,
    );
    return DONE;
  } finally {
    gpu.close();
  }
}
