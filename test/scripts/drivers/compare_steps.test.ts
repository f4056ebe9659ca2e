import { expect, it } from 'vitest';
import { compareSteps } from '../../../scripts/drivers/compare_steps.ts';
import type { NetworkStep, Steps } from '../../../scripts/drivers/training_steps.ts';

const base64 = (values: number[]) => Buffer.from(new Float32Array(values).buffer).toString('base64');

const steps = (step: Partial<NetworkStep>): Steps => ({
  adapter: 'one',
  networks: { net: { loss: 2, gradients: { a: base64([3, 4]) }, weights: { a: base64([1, 0]) }, ...step } },
});

it('two drivers that agree are 0 apart', () => {
  expect(compareSteps(steps({}), steps({}))).toEqual([{ network: 'net', loss: 0, gradients: 0, weights: 0 }]);
});

it('the difference is that of the parameter which differs most, by its norm', () => {
  const [{ loss, gradients, weights }] = compareSteps(
    steps({ loss: 2.5, gradients: { a: base64([3, 4.5]) }, weights: { a: base64([1, 0.25]) } }),
    steps({}),
  );
  expect([loss, gradients, weights]).toEqual([0.25, 0.1, 0.25]);
});

it('a parameter whose gradient is rounding alone is measured by the others', () => {
  const own = steps({ gradients: { a: base64([3, 4]), bias: base64([1e-9, 0]) } });
  const other = steps({ gradients: { a: base64([3, 4]), bias: base64([-1e-9, 0]) } });
  expect(compareSteps(own, other)[0].gradients).toBeLessThan(1e-6);
});

it('a number that is missing or NaN is no agreement', () => {
  expect(compareSteps(steps({ gradients: {} }), steps({}))[0].gradients).toBeNaN();
  expect(compareSteps(steps({ weights: { a: base64([Number.NaN, 0]) } }), steps({}))[0].weights).toBeNaN();
});
