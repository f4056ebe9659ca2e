import { readFileSync } from 'node:fs';

/** Text of exercises/NAME.wgsl, an exercise with its holes. */
export function readExercise(name: string): string {
  return readFileSync(new URL(`../../exercises/${name}.wgsl`, import.meta.url), 'utf8');
}
