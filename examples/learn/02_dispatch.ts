// A dispatch: a kernel of one's own, how many times it runs, and what happens without its guard.
import { openDevice, relu, tensor } from 'wgrad';
import { figure, say } from './shared/page.ts';

// y[i] = number of the workgroup that wrote it. The guard stops invocations from number `count` on.
const kernel = `
// Dispatch: grid of count invocations, 256 to a workgroup
struct Params { count: u32 }
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(1) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) group: vec3u) {
  if (id.x >= params.count) { return; }
  y[id.x] = f32(group.x);
}`;

const gpu = await openDevice();
await gpu.addShader('who_wrote', kernel);

const count = 1000; // elements that the kernel shall write, of an array of 1,200
const workgroups = Math.ceil(count / 256);
say('workgroups', workgroups);
say('invocations', workgroups * 256);
say('without work', workgroups * 256 - count);

const untouched = new Float32Array(1200).fill(-1);
const written: Float32Array[] = [];
const GUARDS = { 'with the guard': count, 'with a guard that stops nobody': 2 ** 32 - 1 };
for (const [name, guard] of Object.entries(GUARDS)) {
  const y = gpu.upload(untouched, 'dispatch');
  gpu.dispatch('who_wrote', { arrays: { y: [y, 1200] }, params: { count: guard }, invocations: count });
  written.push(await y.read());
  say(`elements written, ${name}`, written.at(-1)!.filter((value) => value >= 0).length);
}
say('workgroup of element 600', written[0][600]);

// A dispatch is a note to the device; nothing waits for it until a result is read.
const before = gpu.counters.dispatches;
const x = tensor(gpu, new Float32Array(1 << 18).fill(1));
const start = performance.now();
let y = relu(x);
for (let i = 1; i < 200; i++) y = relu(y);
const encoded = performance.now();
await y.data();
const done = performance.now();
say('dispatches', gpu.counters.dispatches - before);
say('share of the time spent noting', ((encoded - start) / (done - start)).toFixed(3));
gpu.close();

await figure((plots) =>
  plots.linePlot({
    name: '02_dispatch',
    title: 'Which workgroup wrote which of the elements 980 to 1039',
    panels: Object.keys(GUARDS).map((title, k) => ({
      title,
      xName: 'element (−1: nobody wrote it)',
      yName: 'workgroup',
      lines: [
        {
          name: 'written by',
          points: [...written[k].subarray(980, 1040)].map((value, i) => [980 + i, value] as const),
        },
      ],
    })),
  }),
);
