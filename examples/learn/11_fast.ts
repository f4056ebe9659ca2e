// Making it fast: the three passes of a convolution on each rung of their ladders, timed by the device.
import { conv2d, openDevice, Philox, tensor } from 'wgrad';
import { figure, largestDifference, say } from './shared/page.ts';

const gpu = await openDevice();
say('adapter', gpu.adapter.software ? 'software' : 'hardware');
const [n, size, channels] = [8, 16, 64];
const generator = new Philox(42);
const random = (length: number) => Float32Array.from({ length }, () => generator.uniform() - 0.5);
const x = tensor(gpu, random(n * size * size * channels), [n, size, size, channels], { requiresGrad: true });
const weight = tensor(gpu, random(9 * channels ** 2), [3, 3, channels, channels], { requiresGrad: true });
const dy = tensor(gpu, random(x.size), x.shape);
const multiplyAdds = x.size * 9 * channels;
say('multiply-adds of a pass', multiplyAdds);

const PASSES = { conv2d: 'forward', conv2dInputGrad: 'input gradient', conv2dWeightGrad: 'weight gradient' };
const RUNGS = ['naive', 'tiled', 'subgroup'] as const;
const speeds: Record<string, number[]> = {};
const outputs: Float32Array[] = [];
for (const rung of RUNGS) {
  if (rung === 'subgroup' && gpu.adapter.subgroupSizes[0] === 0) continue; // this adapter has none
  gpu.forcedRung = rung;
  for (let round = 0; round < 4; round++) {
    if (round === 1) gpu.startProfiler(); // the first compiles the kernels
    const y = conv2d(x, weight, undefined, { padding: 1 });
    if (round === 0) outputs.push(await y.data());
    y.backward(dy);
    await gpu.finish();
    for (const leaf of [x, weight]) leaf.zeroGrad();
  }
  // Of each kernel its best round, as other work of the machine can only slow one down; of a pass all kernels, as slices are added by a second one.
  const best = new Map<string, number>();
  for (const { kernel, operation, duration } of await gpu.profiler!.dispatches()) {
    const key = `${operation} ${kernel}`;
    best.set(key, Math.min(duration, best.get(key) ?? duration));
  }
  gpu.stopProfiler();
  speeds[rung] = Object.keys(PASSES).map((pass) => {
    const ms = [...best].reduce((sum, [key, duration]) => sum + (key.startsWith(`${pass} `) ? duration : 0), 0);
    return (2 * multiplyAdds) / ms / 1e6;
  });
  say(`${rung}: GFLOP/s`, speeds[rung].map((value) => value.toFixed(1)).join(', '));
  if (rung !== 'naive')
    say(`${rung} and naive agree to 1e-4`, String(largestDifference(outputs[0], outputs.at(-1)!) < 1e-4));
}
const fastest = Object.entries(speeds).reduce((a, b) => (b[1][0] > a[1][0] ? b : a));
say('fastest forward pass', fastest[0]);
say('times as fast as naive', (fastest[1][0] / speeds.naive[0]).toFixed(1));

// Numbers loaded for a multiply-add, counted from the shaders. span: lanes that share a slab; without the sharing of slabs between taps.
const span = Math.min(gpu.adapter.subgroupSizes[1] || 8, channels / 4);
say('naive: loads for a multiply-add', 2);
say('tiled: loads for a multiply-add from buffers', (64 + 64) / (64 * 64));
say('tiled: loads for a multiply-add from workgroup memory', (4 + 4) / (4 * 4));
say(`subgroup: loads for a multiply-add, ${span} lanes`, (32 * 4 + 4 * span * 4) / (32 * 4 * 4 * span));
gpu.close();

await figure((plots) =>
  plots.valueBars({
    name: '11_fast',
    title: `A 3 × 3 convolution, ${channels} → ${channels} channels, on this adapter`,
    panels: [
      {
        ...{ categories: Object.values(PASSES), valueName: 'GFLOP/s', format: (value: number) => value.toFixed(1) },
        series: Object.entries(speeds).map(([name, values]) => ({ name, values })),
      },
    ],
  }),
);
