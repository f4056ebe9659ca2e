import { BatchNorm2d, CosineLinear, Linear, type Module, noGrad, type Tensor, tensor } from '../../../src/node.ts';
import { randomValues } from '../../gpu.ts';

/**
 * Gives a network what training leaves and first values have not: batch norms with weights and biases of their own and the statistics of real images,
 * biases that are not 0, and a last layer that decides. The same each time. Returns the network, in evaluation mode.
 */
export async function trainedLike<M extends Module>(model: M, images: Tensor): Promise<M> {
  const { gpu } = images;
  const modules = model.namedModules().map(([, module]) => module);
  const norms = modules.filter((module) => module instanceof BatchNorm2d);
  const last = modules.filter((module) => module instanceof Linear).at(-1);
  gpu.scope(() => {
    const drawn = [...model.stateDict()].flatMap(([name, { shape, size }], n) => {
      if (shape.length !== 1 || name.includes('running')) return [];
      const [low, high] = name.endsWith('weight') ? [0.5, 1.5] : [-0.2, 0.2];
      return [[name, tensor(gpu, randomValues(size, n, low, high), shape)] as const];
    });
    model.loadStateDict(new Map(drawn), { strict: false });
    // One pass whose statistics count as if there had been many. Not as a whole: a channel that is alike in these few images would have no variance.
    for (const norm of norms) Object.assign(norm, { momentum: 0.9 });
    model.train();
    noGrad(() => model.call(images));
    for (const norm of norms) Object.assign(norm, { momentum: 0.1 });
  });
  model.eval();
  if (last) await spread(model, last, images);
  return model;
}

/** Scales a last layer so that the logits' standard deviation is 1.5. */
async function spread(model: Module, last: Linear, images: Tensor): Promise<void> {
  const { gpu } = images;
  await gpu.scope(async () => {
    const logits = await noGrad(() => model.call(images)).data();
    const mean = logits.reduce((sum, value) => sum + value, 0) / logits.length;
    const deviation = Math.sqrt(logits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logits.length);
    // Of cosines the length of the weights says nothing.
    const [name, factor] = last instanceof CosineLinear ? ['scale', last.scale] : ['weight', last.weight];
    const scaled = (await factor.data()).map((value) => (1.5 * value) / deviation);
    last.loadStateDict(new Map([[name, tensor(gpu, scaled, factor.shape)]]), { strict: false });
  });
}
