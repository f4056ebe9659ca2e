import { describe, expect, it } from 'vitest';
import { checkRemedies, DEFAULT_REMEDIES, REMEDIES } from '../../../src/lab/compare/remedies.ts';
import { completeRecipe, secondEpochsOf } from '../../../src/train/recipe.ts';

describe('the remedies', () => {
  it.each(Object.keys(REMEDIES))('%s is a recipe of as many epochs as the baseline', (name) => {
    for (const epochs of [1, 2, 12]) {
      const recipe = completeRecipe({ epochs, validation: 0.1, ...REMEDIES[name].changes({ epochs }) });
      const all = recipe.epochs + secondEpochsOf(recipe);
      // Of one epoch none can be left for a second stage.
      expect(all).toBe(epochs === 1 && recipe.secondStage && recipe.secondStage !== 'tau-norm' ? 2 : epochs);
    }
  });

  it('are eight where none is named, each known', () => {
    expect(DEFAULT_REMEDIES).toHaveLength(8);
    expect(() => checkRemedies(DEFAULT_REMEDIES)).not.toThrow();
  });

  it('are refused where they are none, or named twice', () => {
    expect(() => checkRemedies(['drw', 'magic'])).toThrow('There is no remedy "magic": choose from class-weights,');
    expect(() => checkRemedies(['drw', 'drw'])).toThrow('The remedy drw is named twice; name it once.');
  });
});
