import type { DeviceArray } from '../runtime/gpu.ts';
import { runBackward } from './backward.ts';
import { isGradEnabled, note } from './tape.ts';
import { type BackwardRule, type Shape, type TapeNode, Tensor } from './tensor.ts';

let order = 0;

/** What an operation states about itself; see `record`. */
export interface Recorded {
  inputs: readonly Tensor[];
  output: DeviceArray<'f32'>;
  shape: Shape;
  /** Arrays that `backward` reads, the output included if it does. Any other would be gone by then. */
  saved?: readonly DeviceArray[];
  backward: BackwardRule;
  /** See `TapeNode`. */
  settings?: object;
}

/** Makes the output tensor of an operation and, where an input requires a gradient, writes the operation onto the tape. */
export function record(name: string, { inputs, output, shape, saved = [], backward, settings }: Recorded): Tensor {
  const result = new Tensor(output, shape);
  if (!isGradEnabled() || !inputs.some((input) => input.requiresGrad)) return result;
  result.requiresGrad = true;
  for (const array of saved) array.retain();
  const node: TapeNode = {
    name,
    order: order++,
    inputs,
    output: result,
    saved,
    backward,
    settings,
    spent: false,
    walk: runBackward,
  };
  result.node = node;
  note(output.gpu, node);
  return result;
}
