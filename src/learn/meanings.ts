import type { Exercise, Meaning } from './exercise.ts';

/** What a finding usually means, where the exercise says nothing of its own. */
const MEANINGS: Readonly<Record<Meaning, string>> = {
  all: 'The arithmetic, or the place that is read, is wrong everywhere. Work one element out by hand and walk it with `wgrad learn step`.',
  'beyond-first-workgroup':
    'A place was counted within one workgroup. The number of an invocation must count over all of them.',
  'first-of-axis': 'Look at what happens before the first: an unsigned number below zero wraps round to a large one.',
  'last-of-axis': 'Look at where a loop, a tile or a slice ends: the last one may be shorter than the others.',
  border: 'Pixels outside of the image count as 0. Look at the padding, and at both ends of the comparison.',
  'every-other':
    'A stride was forgotten, a division rounds where it should have no remainder, or one of several numbers that an invocation owns was left out.',
  tail: 'The last vec4, or the last few elements, need a look of their own when a size is no multiple of 4.',
  negated: 'A difference was taken the other way round.',
  factor:
    'A factor is missing, or there twice: a count, a scale, a mean where a sum was asked for; or terms are missing.',
  shifted: 'A term was added once too often, or forgotten: a bias, or what a sum begins with.',
  'not-a-number':
    'A place outside of an array was read, or a number that nobody wrote, or exp or a division overflowed.',
  'one-case': 'The other cases are right, so look at what this one has of its own.',
  scattered:
    'An index may mix up two sizes, such as height and width, which for a square would be the same. Walk a wrong element with `wgrad learn step`.',
  unwritten:
    'No invocation takes these elements: the grid, the guard, or the index of what is written leaves them out.',
  outside: 'A guard is missing, or compares with the wrong size.',
  race: 'What one invocation writes and another one uses must be kept apart: by a barrier in a workgroup, and by writing to different places elsewhere.',
  divergence:
    'A barrier must be reached by all invocations of the workgroup: keep it outside of what only some of them do.',
  endless:
    'The condition of the loop never becomes false: does its variable move, and towards the bound? An unsigned number is never below 0.',
  gradient: 'The kernel is right on the cases above, but is not the gradient of what the engine computes forward.',
};

/** What a finding usually means in an exercise. */
export function meaningOf({ meanings }: Exercise, ...meaning: readonly Meaning[]): string {
  const own = meaning.find((one) => meanings?.[one] !== undefined);
  return (own && meanings?.[own]) ?? MEANINGS[meaning[0]];
}
