// What each device that was opened and closed leaves in the resident memory of the process, beside plain WebGPU: bench/closed_devices.ts [devices].
// Run with --expose-gc, so that what nobody refers to is gone before the memory is read.
import { create, globals } from 'webgpu';
import { openDevice } from '../src/node.ts';
import { residentMB, settle, trainOnOwnDevice } from './resident_memory.ts';

const devices = Number(process.argv[2] ?? 30);
/** Dawn, the drivers and their compilers grow over the first devices; those are not counted. */
const FIRST = 10;

async function repeat(times: number, once: () => Promise<void>): Promise<void> {
  for (let i = 0; i < times; i++) {
    await once();
    await settle();
  }
}

async function openOnly(): Promise<void> {
  (await openDevice()).close();
}

Object.assign(globalThis, globals);
const dawn = create([]);

/** The same without wgrad: as many pipelines as the training step has, about, each dispatched once. */
async function plain(): Promise<void> {
  const device = await (await dawn.requestAdapter())?.requestDevice();
  if (device === undefined) throw new Error('There is no adapter.');
  const buffer = device.createBuffer({ size: 1024, usage: GPUBufferUsage.STORAGE });
  for (let n = 0; n < 40; n++) {
    const code = `@group(0) @binding(0) var<storage, read_write> x: array<f32>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        var sum = 0.0;
        for (var i = 0u; i < ${10 + n}u; i++) { sum += x[(id.x + i) % 256u]; }
        x[id.x] = sum;
      }`;
    const module = device.createShaderModule({ code });
    const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
    const layout = pipeline.getBindGroupLayout(0);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
    pass.dispatchWorkgroups(1);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }
  await device.queue.onSubmittedWorkDone();
  device.destroy();
}

for (const [name, once] of Object.entries({
  'opened and closed': openOnly,
  'one training step': trainOnOwnDevice,
  'plain WebGPU, 40 pipelines': plain,
})) {
  await repeat(FIRST, once);
  const before = residentMB();
  await repeat(devices, once);
  const after = residentMB();
  console.log(
    `${name}: ${before.toFixed(0)} → ${after.toFixed(0)} MB over ${devices} devices, ${((after - before) / devices).toFixed(2)} MB each`,
  );
}
