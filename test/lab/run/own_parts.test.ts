import { describe, expect, it } from 'vitest';
import { OwnPartNames } from '../../../src/lab/run/own_parts.ts';
import { CrossEntropyLoss } from '../../../src/nn/losses/cross_entropy.ts';
import { UserError } from '../../../src/runtime/errors.ts';
import { completeRecipe } from '../../../src/train/recipe.ts';

const recipe = completeRecipe({});
const build = () => new CrossEntropyLoss();

describe('OwnPartNames', () => {
  it('puts names in the place of objects, and keeps how these are built', () => {
    const { recipe: named, parts } = new OwnPartNames().split({ ...recipe, loss: { name: 'poly-1', build } });
    expect(named).toEqual({ ...recipe, loss: 'poly-1' });
    expect(parts).toEqual({ loss: build });
    expect(new OwnPartNames().split(recipe)).toEqual({ recipe, parts: {} });
  });

  it('takes the same part again, and another of the same name for another field', () => {
    const names = new OwnPartNames();
    for (const loss of [
      { name: 'own', build },
      { name: 'own', build },
    ])
      names.split({ ...recipe, loss });
    const augmentation = { name: 'own', build: () => ({}) };
    expect(names.split({ ...recipe, augmentation }).recipe.augmentation).toBe('own');
  });

  it.each([
    [{ name: '', build }, "A loss of one's own needs a name of small letters, digits and '-', not ''."],
    [{ name: 'My Loss', build }, "not 'My Loss'."],
    [{ build } as never, "not 'undefined'."],
    [{ name: 'focal', build }, "The loss 'focal' has the name of one that wgrad brings; give yours another."],
    [{ name: 'own', build: () => new CrossEntropyLoss() }, "The name 'own' is given to two of the kind 'loss'"],
  ])('refuses one that cannot be told apart: %j', (loss, message) => {
    const names = new OwnPartNames();
    names.split({ ...recipe, loss: { name: 'own', build } });
    expect(() => names.split({ ...recipe, loss })).toThrow(UserError);
    expect(() => names.split({ ...recipe, loss })).toThrow(message);
  });
});
