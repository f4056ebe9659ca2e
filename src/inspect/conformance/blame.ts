import { type KnownFaults, type RungName, rungOf, type ShapeClass, tileOf } from '../../runtime/rungs.ts';
import { type CheckedOutput, isRight } from './run_kernel_case.ts';

/**
 * Which shaders are to blame for the results that are wrong. Those that made one alone are; with each goes all that it had a part in. Of what is left the
 * one that is wrong in the largest share of its results explains most, and so on, until nothing is left to explain.
 */
export function blamedShaders(outputs: readonly CheckedOutput[]): string[] {
  const runs = new Map<string, number>();
  for (const { shaders } of outputs) for (const shader of shaders) runs.set(shader, (runs.get(shader) ?? 0) + 1);
  let unexplained = outputs.filter((output) => !isRight(output) && output.shaders.length > 0);
  const blamed = [...new Set(unexplained.flatMap(({ shaders }) => (shaders.length === 1 ? shaders : [])))];
  unexplained = unexplained.filter(({ shaders }) => !shaders.some((shader) => blamed.includes(shader)));
  while (unexplained.length > 0) {
    const wrong = new Map<string, number>();
    for (const { shaders } of unexplained)
      for (const shader of shaders) wrong.set(shader, (wrong.get(shader) ?? 0) + 1);
    const share = (shader: string) => (wrong.get(shader) as number) / (runs.get(shader) as number);
    const [worst] = [...wrong.keys()].sort(
      (a, b) => share(b) - share(a) || (wrong.get(b) as number) - (wrong.get(a) as number),
    );
    blamed.push(worst);
    unexplained = unexplained.filter(({ shaders }) => !shaders.includes(worst));
  }
  return blamed;
}

/**
 * What is not to be used any more: of a shader that a rung chose, that rung, wherever it was seen to choose it, and of tiles only those that came out
 * wrong, as each is compiled for itself; any other shader altogether. Where several rungs were chosen, it was the last whose name the shader bears, or
 * else the last.
 */
export function faultsOf(outputs: readonly CheckedOutput[]): KnownFaults {
  const rungs: Partial<Record<ShapeClass, RungName[]>> = {};
  const shaders: string[] = [];
  for (const shader of blamedShaders(outputs)) {
    const own = outputs.filter((output) => output.shaders.includes(shader));
    if (own.some(({ choices }) => choices.length === 0)) {
      shaders.push(shader);
      continue;
    }
    const chooserOf = ({ choices }: CheckedOutput) =>
      choices.findLast(([, name]) => shader.includes(rungOf(name))) ?? choices[choices.length - 1];
    const wrong = new Set(own.filter((output) => !isRight(output)).map((output) => chooserOf(output)[1]));
    for (const output of own) {
      const [shapeClass, rung] = chooserOf(output);
      if (tileOf(rung) && !wrong.has(rung)) continue;
      rungs[shapeClass] ??= [];
      if (!rungs[shapeClass].includes(rung)) rungs[shapeClass].push(rung);
    }
  }
  return { rungs, shaders };
}
