import { watchTape } from '../../autograd/tape.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { BrokenRule, ShaderEdit } from './broken_rules.ts';
import { namedCase } from './cases.ts';
import { type CheckedCase, type GradcheckCase, runGradcheck } from './gradcheck_case.ts';

function edited({ shader, edits }: ShaderEdit, text: string): string {
  return edits.reduce((before, [from, to]) => {
    if (!before.includes(from))
      throw new Error(`shaders/${shader}.wgsl no longer holds '${from}', which was to be changed.`);
    return before.replace(from, to);
  }, text);
}

/** Runs a function on the naive rungs, which are the ones that the edits are of, with an edited shader in the place of the engine's. */
async function withShader<R>(gpu: Gpu, edit: ShaderEdit, shaders: (name: string) => string, work: () => Promise<R>) {
  const { shader } = edit;
  const right = shaders(shader);
  await gpu.addShader(shader, edited(edit, right), { file: `shaders/${shader}.wgsl, broken`, replace: true });
  const forced = gpu.forcedRung;
  gpu.forcedRung = 'naive';
  try {
    return await work();
  } finally {
    gpu.forcedRung = forced;
    await gpu.addShader(shader, right, { file: `shaders/${shader}.wgsl`, replace: true });
  }
}

/**
 * Checks a case while its rule has a known mistake, and mends the rule again.
 * shaders: the texts of the engine's shaders by name: `readShader` under Node, `shaders` of 'wgrad/shaders' in a browser.
 */
export function runBroken(gpu: Gpu, broken: BrokenRule, shaders: (name: string) => string): Promise<CheckedCase> {
  const { change } = broken;
  const right = namedCase(broken.case) as GradcheckCase;
  if ('shader' in change) return withShader(gpu, change, shaders, () => runGradcheck(gpu, right));
  const wrong = <Inputs extends unknown[], R>(f: (...inputs: Inputs) => R) => {
    return (...inputs: Inputs): R =>
      watchTape(
        (node) => {
          if (node.name === change.operation) node.backward = change.backward({ ...node });
        },
        () => f(...inputs),
      );
  };
  return runGradcheck(gpu, { ...right, f: right.f && wrong(right.f) });
}
