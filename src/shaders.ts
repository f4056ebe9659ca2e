// The texts of the shaders. In the package this file is a table of them, which `npm run build` writes, so that a bundle for a browser holds them; in
// a clone they are read from `shaders/`.
import { readShader } from './node/read_shader.ts';

/** The text of a shader by its name. Throws DeviceError where there is none of that name. */
export const shaders: (name: string) => string = readShader;
