// A convolution by hand: seven loops that say what `conv2d` computes, and the same on the GPU.
//
//   Y[n, oh, ow, co] = bias[co] + Σ over kh, kw, ci of  X[n, oh·stride + kh − pad, ow·stride + kw − pad, ci] · W[kh, kw, ci, co]
import { conv2d, openDevice, Philox, tensor } from 'wgrad';

const [n, h, w, ci] = [2, 9, 7, 3];
const [kh, kw, co] = [3, 3, 4];
const [stride, pad] = [2, 1];
const oh = Math.floor((h + 2 * pad - kh) / stride) + 1;
const ow = Math.floor((w + 2 * pad - kw) / stride) + 1;

const generator = new Philox(42);
const random = (length: number) => Float32Array.from({ length }, () => generator.uniform() - 0.5);
const [images, weights, bias] = [random(n * h * w * ci), random(kh * kw * ci * co), random(co)];

const byHand = new Float64Array(n * oh * ow * co);
for (let image = 0; image < n; image++)
  for (let row = 0; row < oh; row++)
    for (let column = 0; column < ow; column++)
      for (let output = 0; output < co; output++) {
        let sum = bias[output];
        for (let a = 0; a < kh; a++)
          for (let b = 0; b < kw; b++) {
            const [y, x] = [row * stride + a - pad, column * stride + b - pad];
            if (y < 0 || y >= h || x < 0 || x >= w) continue; // the padding is 0
            for (let input = 0; input < ci; input++) {
              sum +=
                images[((image * h + y) * w + x) * ci + input] * weights[((a * kw + b) * ci + input) * co + output];
            }
          }
        byHand[((image * oh + row) * ow + column) * co + output] = sum;
      }

const gpu = await openDevice();
const result = conv2d(tensor(gpu, images, [n, h, w, ci]), tensor(gpu, weights, [kh, kw, ci, co]), tensor(gpu, bias), {
  stride,
  padding: pad,
});
const onGpu = await result.data();
const largest = onGpu.reduce((most, value, i) => Math.max(most, Math.abs(value - byHand[i])), 0);
console.log(
  `Y is [${result.shape}]; its first numbers are ${[...onGpu.subarray(0, 4)].map((v) => v.toFixed(4)).join(', ')}.`,
);
console.log(
  `The largest difference between the loops in float64 and the kernel in float32: ${largest.toExponential(1)}`,
);
gpu.close();
