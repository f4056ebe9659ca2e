import { describe, expect, it } from 'vitest';
import { architectures } from '../../../src/lab/experiments/ps3.ts';
import { trainedAlike, trainingTerms, unlikeNote } from '../../../src/lab/experiments/training_terms.ts';
import { configure } from '../../../src/lab/run/configuration.ts';

const full = architectures(configure('full', { data: 'cifar10', seed: 42 }));
const unlike = full.map(({ name, recipe }, i) => ({
  name,
  recipe: i < 2 ? recipe : { ...recipe, epochs: 1, batchSize: 4, lr: 0.5, schedule: 'cosine' as const },
}));

describe('the terms on which networks are trained', () => {
  it('are named once where they are the same, and no note is made of them', () => {
    expect(trainedAlike(full)).toBe(true);
    expect(trainingTerms(full)).toBe(
      'Each network is trained from scratch for 15 epochs in batches of 128 with learning rate 0.001',
    );
    expect(unlikeNote(full)).toEqual([]);
  });

  it('are named for each group of networks where they differ, and the note says that they do', () => {
    const terms =
      "CustomCNN and ResNet-18 are trained from scratch for 15 epochs in batches of 128 with learning rate 0.001; EfficientNet-B0 for 1 epoch in batches of 4 with learning rate 0.5 (schedule 'cosine')";
    expect(trainedAlike(unlike)).toBe(false);
    expect(trainingTerms(unlike)).toBe(terms);
    expect(unlikeNote(unlike)).toEqual([
      { kind: 'paragraph', text: expect.stringMatching(/^The networks of PS3 are not trained alike, /) },
    ]);
    expect(unlikeNote(unlike)).toEqual([{ kind: 'paragraph', text: expect.stringContaining(`${terms}.`) }]);
  });

  it.each([{ epochs: 1 }, { batchSize: 1 }, { lr: 1 }, { schedule: 'step' as const }])('differ by %o', (change) => {
    const [first, second] = full;
    expect(trainedAlike([first, { ...second, recipe: { ...second.recipe, ...change } }])).toBe(false);
  });

  it('are those of one network where there is one', () => {
    expect(trainedAlike([full[0]])).toBe(true);
    expect(trainingTerms([full[0], unlike[2]])).toMatch(/^CustomCNN is trained from scratch /);
  });
});
