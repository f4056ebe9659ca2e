// The tape: what the forward pass writes down, and how a gradient is checked.
import { add, exp, gradcheck, mean, mul, openDevice, type Tensor, tensor } from 'wgrad';
import { figure, say } from './shared/page.ts';

const gpu = await openDevice();

/** L = mean(w · e^w + w): w is used three times. */
const lossOf = (w: Tensor): Tensor => mean(add(mul(w, exp(w)), w));

const w = tensor(gpu, [0.5], [1], { requiresGrad: true });
const loss = lossOf(w);

// From the loss back to the leaf: each tensor that an operation made knows its node.
const names = new Map<number, string>();
const waiting = [loss];
for (let node = waiting.pop()?.node; node; node = waiting.pop()?.node) {
  names.set(node.order, `${node.name}, keeps ${node.saved.length} array${node.saved.length === 1 ? '' : 's'}`);
  waiting.push(...node.inputs.filter((input) => input.node));
}
const written = [...names].sort(([a], [b]) => a - b).map(([, name]) => name);
say('operations on the tape', written.length);
for (const [i, name] of written.entries()) say(`${i + 1}.`, name);

loss.backward();
const byTape = await w.grad!.item();
const exact = Math.exp(0.5) * 1.5 + 1; // (w e^w + w)' = e^w + w e^w + 1
say('dL/dw by tape', byTape);
say('dL/dw by hand', exact);

let second = 'goes through';
try {
  loss.backward();
} catch (error) {
  second = (error as Error).message.split(':')[1].split(';')[0].trim();
}
say('a second backward', second);
lossOf(w).backward();
say('dL/dw after a second forward and backward', await w.grad!.item());

// Central differences with steps h, computed by the same kernels in float32.
const errors: [number, number][] = [];
for (let power = 0; power >= -7; power--) {
  for (const factor of [1, 0.3]) {
    const h = factor * 10 ** power;
    const [high, low] = [Math.fround(0.5 + h), Math.fround(0.5 - h)];
    const difference = (await lossOf(tensor(gpu, [high])).item()) - (await lossOf(tensor(gpu, [low])).item());
    errors.push([h, Math.abs(difference / (high - low) - exact)]);
  }
}
const best = errors.reduce((a, b) => (b[1] < a[1] ? b : a));
say('error at h = 1', errors[0][1]);
say('error at h = 0.1', errors[2][1]);
say('error at h = 0.01', errors[4][1]);
say('error at h = 0.0000001', errors[14][1]);
say('the best h lies between 1e-4 and 3e-2', String(best[0] >= 1e-4 && best[0] <= 3e-2));

w.zeroGrad();
say('gradcheck: elements that agree', await gradcheck(lossOf, [w]));
gpu.close();

await figure((plots) =>
  plots.linePlot({
    name: '04_tape',
    title: 'Central differences: a large step errs by curvature, a small one by rounding',
    panels: [{ xName: 'step h', yName: 'error of the gradient', log: 'both', lines: [{ name: 'float32', points: errors }] }], // biome-ignore format: short
  }),
);
