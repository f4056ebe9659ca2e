// The gradients of a convolution: one weight's as the sum it is, the input's as another convolution.
import { conv2d, openDevice, Philox, permute, tensor } from 'wgrad';
import { figure, largestDifference, say } from './shared/page.ts';

const gpu = await openDevice();
const [n, h, w, ci, co] = [2, 6, 5, 3, 4];
const generator = new Philox(42);
const random = (length: number) => Float32Array.from({ length }, () => generator.uniform() - 0.5);
const [images, weights, upstream] = [random(n * h * w * ci), random(9 * ci * co), random(n * h * w * co)];

const x = tensor(gpu, images, [n, h, w, ci], { requiresGrad: true });
const weight = tensor(gpu, weights, [3, 3, ci, co], { requiresGrad: true });
const dy = tensor(gpu, upstream, [n, h, w, co]);
conv2d(x, weight, undefined, { padding: 1 }).backward(dy);

// dW[kh, kw, ci, co]: every output pixel saw this weight once, so every one of them has a part in the sum.
const [a, b, input, output] = [0, 2, 1, 3];
let [sum, products] = [0, 0];
for (let image = 0; image < n; image++)
  for (let oh = 0; oh < h; oh++)
    for (let ow = 0; ow < w; ow++) {
      const [ih, iw] = [oh + a - 1, ow + b - 1];
      if (ih < 0 || ih >= h || iw < 0 || iw >= w) continue; // the padding is 0
      sum += images[((image * h + ih) * w + iw) * ci + input] * upstream[((image * h + oh) * w + ow) * co + output];
      products++;
    }
const byTape = (await weight.grad!.data())[((a * 3 + b) * ci + input) * co + output];
say('products in the sum', products);
say('dW[0, 2, 1, 3] by hand', sum.toFixed(4));
say('dW[0, 2, 1, 3] by tape', byTape.toFixed(4));
say('they agree to 1e-6', String(Math.abs(sum - byTape) < 1e-6));

// dX is the convolution of dY with the weights turned by 180 degrees, their channels exchanged: [KH, KW, CO, CI].
const turned = Float32Array.from({ length: weights.length }, (_, i) => {
  const tap = Math.floor(i / (ci * co));
  return weights[(8 - tap) * ci * co + (i % (ci * co))];
});
const mirrored = permute(tensor(gpu, turned, [3, 3, ci, co]), [0, 1, 3, 2]);
const asConvolution = await conv2d(dy, mirrored, undefined, { padding: 1 }).data();
const dx = await x.grad!.data();
say('dX by tape and as a convolution agree to 1e-6', String(largestDifference(dx, asConvolution) < 1e-6));

// With dY and W all 1, dX counts the outputs that see each pixel.
const seen: number[][][] = [];
for (const { stride, padding } of [
  { stride: 1, padding: 1 },
  { stride: 1, padding: 0 },
  { stride: 2, padding: 1 },
]) {
  const ones = tensor(gpu, new Float32Array(36).fill(1), [1, 6, 6, 1], { requiresGrad: true });
  const y = conv2d(ones, tensor(gpu, new Float32Array(9).fill(1), [3, 3, 1, 1]), undefined, { stride, padding });
  y.backward(tensor(gpu, new Float32Array(y.size).fill(1), y.shape));
  const counts = [...(await ones.grad!.data())];
  seen.push(Array.from({ length: 6 }, (_, row) => counts.slice(6 * row, 6 * row + 6)));
  const name = `stride ${stride}, padding ${padding}`;
  say(`${name}: corner, edge, middle`, [counts[0], counts[2], counts[14]].join(', '));
  say(`${name}: all together`, counts.reduce((total, count) => total + count, 0)); // biome-ignore format: short
}
gpu.close();

await figure((plots) =>
  plots.valueMatrices({
    name: '05_convolution_gradients',
    title: 'How many outputs of a 3 × 3 convolution see each pixel of a 6 × 6 image',
    matrices: ['stride 1, padding 1', 'stride 1, padding 0', 'stride 2, padding 1'].map((title, i) => ({
      ...{ title, values: seen[i] },
    })),
  }),
);
