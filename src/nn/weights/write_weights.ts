import type { Module } from '../module.ts';
import { downloadTensors } from './host_tensor.ts';
import { toTorch } from './layout.ts';
import { writeSafetensors } from './safetensors.ts';

/**
 * A model's parameters and buffers as a safetensors file, with PyTorch's names and in its layouts: what `safetensors.torch.load_file` returns
 * goes into the same model's `load_state_dict` there, and `readWeights` and `loadWeights` take it back here. metadata: texts to put beside
 * them; `format` is 'pt', by which others know PyTorch's layouts, unless given.
 */
export async function writeWeights(
  model: Module,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const tensors = await downloadTensors(model.stateDict());
  const turned = new Map([...tensors].map(([name, tensor]) => [name, toTorch(tensor)]));
  return writeSafetensors(turned, { format: 'pt', ...metadata });
}
