import { expect, it } from 'vitest';
import { TRAINING_STEPS } from '../../../src/inspect/conformance/training_step_values.ts';
import { checkTrainingStep } from '../../../src/inspect/conformance/training_steps.ts';
import { openDevice } from '../../../src/node.ts';
import { useGpu } from '../../gpu.ts';
import { corruptedShaders } from './corrupted_kernels.ts';

const held = useGpu({ poison: false, fences: false, gridWidth: undefined });
const [customCnn] = TRAINING_STEPS;

it('the networks are those of the lab', () => {
  expect(TRAINING_STEPS.map(({ net }) => net)).toEqual(['custom-cnn', 'resnet18', 'efficientnet-b0']);
  expect(TRAINING_STEPS.map(({ gradients }) => gradients.length)).toEqual([36, 62, 213]);
});

it.each(TRAINING_STEPS.slice(0, 2))('a step of $net is that of PyTorch, twice the same', async (values) => {
  const { error, repeats } = await checkTrainingStep(held.gpu, values);
  expect(error).toBeLessThan(1);
  expect(repeats).toBe(true);
});

it('says of which gradient it is off', async () => {
  const wrong = customCnn.gradients.map((line, i) => (i === 4 ? line.replace(/\S+$/, '7') : line));
  const { error, of } = await checkTrainingStep(held.gpu, { ...customCnn, gradients: wrong });
  expect(error).toBeGreaterThan(1000);
  expect(of).toBe('the gradient of features.block1.conv2.weight');
});

it('finds a kernel that computes wrongly', async () => {
  const edit = ['vec4<E>(select(vec4f(dy[i]), vec4f(0.0), vec4f(y[i]) <= vec4f(0.0)))', 'dy[i]'] as const;
  const shaders = corruptedShaders([{ shader: 'relu_grad', family: '', mistake: 'no mask', edit }]);
  const gpu = await openDevice({ shaders });
  try {
    expect((await checkTrainingStep(gpu, customCnn)).error).toBeGreaterThan(100);
  } finally {
    gpu.close();
  }
});
