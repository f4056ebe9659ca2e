// Writes src/inspect/conformance/training_step_values.ts: what PyTorch computes in float64 of one training step of each network, from the fixtures of
// the tests, of which it keeps the loss and of each gradient the norm and a few elements. Run: npx tsx scripts/training_step_values.ts
import { readFileSync, writeFileSync } from 'node:fs';

interface FixtureParameter {
  name: string;
  shape: number[];
  stream: number;
  stride: number;
  cancels?: boolean;
  scale: number;
  grad: string;
  gradNorm: number;
}

/** Elements of a gradient that are kept. */
const KEPT = 4;

/** The fixtures with the limits of the tests that hold the networks against them: see test/nn/models. */
const NETWORKS = [
  { net: 'custom-cnn', fixture: 'custom_cnn', limits: { forward: 5e-6, gradient: 1e-5, cancelled: 1e-6 } },
  { net: 'resnet18', fixture: 'model_resnet18', limits: { forward: 5e-6, gradient: 2e-5, cancelled: 1e-6 } },
  {
    net: 'efficientnet-b0',
    fixture: 'model_efficientnet_b0',
    limits: { forward: 2e-5, gradient: 1e-4, cancelled: 2e-6 },
  },
];

const digits = (value: number) => `${Number(value.toPrecision(8))}`;

function line({ name, stream, stride, cancels, scale, grad, gradNorm }: FixtureParameter): string {
  const values = new Float32Array(Uint8Array.from(Buffer.from(grad, 'base64')).buffer);
  // A bias before a normalisation changes nothing: its gradient is 0 but for rounding.
  const isCancelled = cancels ?? /conv\d\.bias$/.test(name);
  const numbers = [stream, Number(isCancelled), stride, scale, gradNorm, ...values.slice(0, KEPT)];
  return `      '${name} ${numbers.map(digits).join(' ')}',`;
}

const entries = NETWORKS.map(({ net, fixture, limits }) => {
  const text = readFileSync(new URL(`../test/fixtures/nn/${fixture}.json`, import.meta.url), 'utf8');
  const { seed, imagesStream, labels, width, size = 32, loss, parameters } = JSON.parse(text);
  const head = { net, width, size, seed, imagesStream, labels, loss, limits };
  const fields = Object.entries(head).map(([key, value]) => `    ${key}: ${JSON.stringify(value)},`);
  return `  {\n${fields.join('\n')}\n    gradients: [\n${(parameters as FixtureParameter[]).map(line).join('\n')}\n    ],\n  },`;
});

writeFileSync(
  new URL('../src/inspect/conformance/training_step_values.ts', import.meta.url),
  `// Written by scripts/training_step_values.ts.
import type { StepValues } from './training_steps.ts';

/** Each gradient: name, stream of its first values, whether its terms cancel, stride of the elements, scale, norm, elements. */
export const TRAINING_STEPS: readonly StepValues[] = [
${entries.join('\n')}
];
`,
);
