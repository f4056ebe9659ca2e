import { type Shape, type Tensor, tensor } from '../../autograd/tensor.ts';
import { ShapeError, UserError } from '../../runtime/errors.ts';
import type { Module } from '../module.ts';
import { traceForward } from '../trace_forward.ts';
import { downloadTensors, type HostTensor } from '../weights/host_tensor.ts';
import { OnnxGraph } from './onnx_graph.ts';
import { operationNodes } from './operation_nodes.ts';
import { encodeModel, FLOAT, type ValueInfoProto } from './schema.ts';
import { inOnnxOrder, Translation } from './translation.ts';

/** Version of the standard operators that files are written in. */
export const ONNX_OPSET = 17;
/** Version of the file format. */
export const ONNX_IR_VERSION = 8;

/** Images in the trace. More than one, so that what counts images can be told from what does not. */
const TRACED_IMAGES = 2;
const PRODUCER = 'wgrad';
const BATCH = 'N';

/** What a file says and does besides the network. */
export interface OnnxOptions {
  /** End in a softmax: probabilities in the place of logits. Default false. */
  softmax?: boolean;
  /**
   * Of each channel. Given, the graph begins with (x − mean) / std, and takes pixels from 0 to 1; else it takes what the network takes. The metadata say
   * which of both it is.
   */
  normalization?: { mean: readonly number[]; std: readonly number[] };
  /** Names of the classes, in the order of the outputs. */
  classNames?: readonly string[];
  /** Texts to put into the file's metadata besides. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * A network in evaluation mode as an ONNX file (opset 17, IR version 8), for other systems to run. The forward pass is run once and what it recorded is
 * translated, so that any `Module` can be written that is made of differentiable operations of its input, its parameters and its buffers.
 *
 * The file's input is `images`, float32 [N, C, H, W] with any N, or `input`, [N, …] where inputs are no images. Its output is `logits` or, with
 * `softmax`, `probabilities`. Constants have the names of the state dict, in PyTorch's layouts; nodes those of the modules: 'layer1.0.conv1/Conv'.
 * Metadata: `input` ('pixels from 0 to 1' or 'normalised'), `output`, `classes` (a JSON array), `mean` and `std` (with commas) where given.
 *
 * inputShape: of one input, [H, W, C] for images. Throws UserError, one sentence, for what has no counterpart in ONNX; ShapeError for names or
 * numbers that do not fit the network.
 */
export async function exportOnnx(model: Module, inputShape: Shape, options: OnnxOptions = {}): Promise<Uint8Array> {
  const { softmax = false, normalization, classNames, metadata = {} } = options;
  const [first] = model.parameters();
  if (first === undefined) throw new UserError('A network without parameters cannot be exported: it has no device.');
  const state = model.stateDict();
  const values = await downloadTensors(state);
  const { gpu } = first;
  return gpu.scope(() => {
    const shape = [TRACED_IMAGES, ...inputShape];
    const zeros = new Float32Array(shape.reduce((product, size) => product * size, 1));
    const trace = traceForward(model, tensor(gpu, zeros, shape));
    const outputs = trace.output.shape;
    checkFit(inputShape, outputs, options);

    const inputName = shape.length === 4 ? 'images' : 'input';
    const outputName = softmax ? 'probabilities' : 'logits';
    const graph = new OnnxGraph([inputName, outputName]);
    const constants = new Map<Tensor, readonly [string, HostTensor<Float32Array>]>();
    for (const [name, constant] of values) constants.set(state.get(name) as Tensor, [name, constant]);
    const translation = new Translation(graph, trace, constants);
    translation.set(trace.input, normalization ? normalise(graph, inputName, normalization) : inputName);
    for (const operation of trace.operations) translation.operation(operation, operationNodes);
    graph.place = '';
    let last = translation.value(trace.output);
    if (softmax) last = graph.node('Softmax', [last], { axis: { i: 1 } });
    else if (graph.nodes.length === 0) last = graph.node('Identity', [last]);
    graph.rename(last, outputName);

    const properties = {
      ...metadata,
      input: normalization ? 'pixels from 0 to 1' : 'normalised',
      output: outputName,
      ...(classNames && { classes: JSON.stringify(classNames) }),
      ...(normalization && { mean: normalization.mean.join(','), std: normalization.std.join(',') }),
    };
    return encodeModel({
      irVersion: ONNX_IR_VERSION,
      producerName: PRODUCER,
      opsetImport: [{ domain: '', version: ONNX_OPSET }],
      graph: {
        name: model.constructor.name,
        node: graph.nodes,
        initializer: graph.constants,
        input: [valueInfo(inputName, shape)],
        output: [valueInfo(outputName, outputs)],
      },
      metadataProps: Object.entries(properties).map(([key, value]) => ({ key, value })),
    });
  });
}

/** A value of any number of parts, of which the shape has some. */
function valueInfo(name: string, shape: Shape): ValueInfoProto {
  const [, ...dims] = inOnnxOrder(shape).map((size) => ({ dimValue: size }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: BATCH }, ...dims] } } } };
}

/** (x − mean) / std of each channel. */
function normalise(graph: OnnxGraph, images: string, { mean, std }: NonNullable<OnnxOptions['normalization']>): string {
  const perChannel = (name: string, numbers: readonly number[]) =>
    graph.floats(name, 'per channel', () => ({ shape: [1, numbers.length, 1, 1], data: Float32Array.from(numbers) }));
  graph.place = 'normalisation';
  const centred = graph.node('Sub', [images, perChannel('mean', mean)]);
  return graph.node('Div', [centred, perChannel('std', std)]);
}

/** Throws ShapeError where names or numbers are not as many as the network's classes or channels. */
function checkFit(input: Shape, output: Shape, { softmax, normalization, classNames }: OnnxOptions): void {
  const channels = input[input.length - 1];
  for (const [name, numbers] of Object.entries(normalization ?? {})) {
    if (input.length === 3 && numbers.length === channels) continue;
    throw new ShapeError(
      `exportOnnx: ${name} needs a number for each channel of images [H, W, C]; there are ${numbers.length} for [${input}].`,
    );
  }
  if (output.length !== 2 && (softmax || classNames)) {
    throw new ShapeError(`exportOnnx: classes need an output [N, classes]; the network's is [${output}].`);
  }
  if (classNames && classNames.length !== output[1]) {
    throw new ShapeError(`exportOnnx: ${classNames.length} class names were given for ${output[1]} classes.`);
  }
}
