import type { Exercise } from './exercise.ts';

/** The comment that opens a shader, and what follows it. */
const HEADER = /^(?:\/\/.*\n)*/;

/**
 * The text of an exercise: the engine's own kernel with its holes. house: that kernel's text.
 *
 * @throws Error where a line of a hole is not there any more
 */
export function templateOf({ name, holes, shader }: Exercise, house: string): string {
  const lines = house.split('\n');
  let from = 0;
  for (const { first, last = first, instead } of holes) {
    const find = (line: string, at: number) => {
      const found = lines.findIndex((text, i) => i >= at && text.trim() === line);
      if (found < 0)
        throw new Error(`The exercise ${name} has a hole at '${line}', which shaders/${shader}.wgsl does not hold.`);
      return found;
    };
    const start = find(first, from);
    const end = find(last, start);
    lines.splice(start, end - start + 1, ...instead);
    from = start + instead.length;
  }
  const exercise = `//\n// Exercise: fill the holes marked TODO, then run  npx wgrad learn check ${name}\n`;
  return lines.join('\n').replace(HEADER, (header) => header + exercise);
}
