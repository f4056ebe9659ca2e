import { create } from 'webgpu';
import { elementTypes, parseShader, withElementType } from '../../src/runtime/shader.ts';

/** Dawn's object must stay referenced: once collected, the process crashes. */
const gpu = create([]);

/** Opens a device on which shaders are compiled only. compiles: whether one is valid in every type of elements it is for. */
export async function openCompiler(): Promise<{ compiles: (text: string) => Promise<boolean>; close: () => void }> {
  const adapter = await gpu.requestAdapter();
  if (!adapter)
    throw new Error('No WebGPU adapter to compile the shaders with: `npm run doctor` says what is missing.');
  const device = await adapter.requestDevice({ requiredFeatures: [...adapter.features] as GPUFeatureName[] });
  const compiles = async (text: string) => {
    try {
      parseShader('mutant', text);
    } catch {
      return false;
    }
    for (const type of elementTypes(text)) {
      device.pushErrorScope('validation');
      device.createShaderModule({ code: withElementType('mutant', text, type) });
      if (await device.popErrorScope()) return false;
    }
    return true;
  };
  return { compiles, close: () => device.destroy() };
}
