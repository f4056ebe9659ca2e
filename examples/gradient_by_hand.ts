// A gradient by hand and by tape.
//
// One neuron: y = σ(w · x + b), with the loss L = (y − t)². By the chain rule, link by link:
//   dL/dy = 2 (y − t),   dy/dz = y (1 − y) for z = w · x + b,   dz/dw = x,   dz/db = 1
import { add, mean, mul, openDevice, sigmoid, sum, tensor } from 'wgrad';

const x = [0.5, -1, 2];
const w = [0.3, 0.8, -0.2];
const b = 0.1;
const target = 1;

// By hand, in JavaScript's float64.
const z = x.reduce((total, value, i) => total + value * w[i], b);
const y = 1 / (1 + Math.exp(-z));
const dz = 2 * (y - target) * y * (1 - y);
const byHand = [...x.map((value) => dz * value), dz];

// By tape: the operations are written down as they run, and backward() walks them from the last to the first.
const gpu = await openDevice();
const weights = tensor(gpu, w, [3], { requiresGrad: true });
const bias = tensor(gpu, [b], [1], { requiresGrad: true });
const output = sigmoid(add(sum(mul(weights, tensor(gpu, x))), mean(bias)));
const error = add(output, tensor(gpu, -target, []));
mul(error, error).backward();
const byTape = [...(await weights.grad!.data()), ...(await bias.grad!.data())];

console.log('            by hand     by tape');
for (const [i, name] of ['dL/dw[0]', 'dL/dw[1]', 'dL/dw[2]', 'dL/db'].entries()) {
  console.log(`${name.padEnd(9)} ${byHand[i].toFixed(7).padStart(10)}  ${byTape[i].toFixed(7).padStart(10)}`);
}
gpu.close();
