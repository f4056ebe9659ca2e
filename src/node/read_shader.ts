import { readFileSync } from 'node:fs';
import { DeviceError } from '../runtime/errors.ts';

/** Text of shaders/NAME.wgsl. */
export function readShader(name: string): string {
  try {
    return readFileSync(new URL(`../../shaders/${name}.wgsl`, import.meta.url), 'utf8');
  } catch (cause) {
    throw new DeviceError(`There is no shader shaders/${name}.wgsl.`, { cause });
  }
}
