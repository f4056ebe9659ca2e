import { afterEach, describe, expect, it } from 'vitest';
import {
  Adam,
  createModel,
  crossEntropy,
  DeviceError,
  type DeviceOptions,
  type Gpu,
  indices,
  OutOfMemoryError,
  openDevice,
} from '../../src/node.ts';
import { randomTensor } from '../gpu.ts';

const STEPS = 2;
/** Places at which a fault is tried. WGRAD_FAULTS=1000 tries all. */
const PLACES = Number(process.env.WGRAD_FAULTS ?? 12);
const LOST = /^The GPU device was lost \(.+\); open it again and go on from the last checkpoint\.$/;
const FULL = /^\w+: the GPU has no room for \d+ bytes \(\d+ are in use\); use a smaller batch or a narrower model\.$/;
/** The longest that a fault may stay unsaid, in milliseconds. */
const AT_ONCE = 5000;

let gpu = undefined as unknown as Gpu;
afterEach(() => gpu.close());

async function open(options?: DeviceOptions): Promise<void> {
  gpu = await openDevice(options);
}

/** Training steps from nothing, their losses read back. */
async function train(): Promise<number[]> {
  const model = createModel(gpu, 'custom-cnn', { width: 1 / 16 });
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    await gpu.scope(async () => {
      const loss = crossEntropy(model.call(randomTensor(gpu, [2, 32, 32, 3], step)), indices(gpu, [1, 7]));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(await loss.item());
    });
  }
  return losses;
}

/** Has a function of an object count its calls and do something else before or in place of call number `at`. */
function intercept<O extends object, K extends keyof O>(
  owner: O,
  name: K,
  instead: (call: number, original: () => unknown, given: unknown[]) => unknown,
): { calls: number } {
  const seen = { calls: 0 };
  const original = owner[name] as (...given: unknown[]) => unknown;
  Object.defineProperty(owner, name, {
    value: (...given: unknown[]) => instead(seen.calls++, () => original.apply(owner, given), given),
    configurable: true,
  });
  return seen;
}

/** What a training ends with. Throws where it ends well, or does not end. */
async function failure(): Promise<unknown> {
  const late = new Promise((resolve) => setTimeout(resolve, AT_ONCE, new Error('It did not end.')).unref());
  return Promise.race([
    train().then(
      (losses) => new Error(`It ended well: ${losses}`),
      (error: unknown) => error,
    ),
    late,
  ]);
}

/** At most PLACES numbers below a count, spread over it, first and last among them. */
const spread = (count: number) => {
  const many = Math.min(PLACES, count);
  return Array.from({ length: many }, (_, i) => Math.round((i * (count - 1)) / (many - 1)));
};

/** Whether an error scope is one in which a buffer is made. */
const ofBuffer = ([filter]: unknown[]) => filter === 'out-of-memory';

const counted = await (async () => {
  await open();
  let buffers = 0;
  const dispatches = intercept(gpu, 'dispatch', (_call, original) => original());
  intercept(gpu.device, 'pushErrorScope', (_call, original, given) => {
    if (ofBuffer(given)) buffers++;
    return original();
  });
  const losses = await train();
  gpu.close();
  if (!losses.every(Number.isFinite)) throw new Error(`Without a fault the losses are ${losses}.`);
  return { dispatches: dispatches.calls, buffers };
})();

describe('a device that is lost', () => {
  it.each(spread(counted.dispatches))('before dispatch %i is said at once', async (at) => {
    await open();
    intercept(gpu, 'dispatch', (call, original) => {
      if (call === at) gpu.device.destroy();
      return original();
    });
    const error = await failure();
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as Error).message).toMatch(LOST);
  });

  it.each([0, 1])('while result %i is read back is said at once', async (at) => {
    await open();
    intercept(gpu, 'read', (call, original) => {
      const reading = original();
      if (call === at) gpu.device.destroy();
      return reading;
    });
    const error = await failure();
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as Error).message).toMatch(LOST);
  });

  it('while a kernel is compiled is said at once', async () => {
    await open();
    intercept(gpu.device, 'createShaderModule', (call, original) => {
      if (call === 5) gpu.device.destroy();
      return original();
    });
    const error = await failure();
    expect(error).toBeInstanceOf(DeviceError);
    expect((error as Error).message).toMatch(LOST);
  });
});

describe('a device without room', () => {
  it.each(spread(counted.buffers))('for buffer %i says which operation asked for it', async (at) => {
    await open();
    let buffers = 0;
    let full = false;
    // As of a real one, the buffer is invalid, and so is all that uses it.
    const { device } = gpu;
    const { createBuffer, pushErrorScope, popErrorScope } = device;
    intercept(device, 'createBuffer', (_call, original, [given]) => {
      if (!full) return original();
      pushErrorScope.call(device, 'validation');
      const invalid = createBuffer.call(device, { ...(given as GPUBufferDescriptor), usage: 0 });
      void popErrorScope.call(device);
      return invalid;
    });
    intercept(gpu.device, 'pushErrorScope', (_call, original, given) => {
      full = ofBuffer(given) && buffers++ === at;
      return original();
    });
    intercept(gpu.device, 'popErrorScope', async (_call, original) => {
      const refused = full;
      full = false;
      const error = await (original() as Promise<unknown>);
      return refused ? { message: 'Out of memory.' } : error;
    });
    const error = await failure();
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as Error).message).toMatch(FULL);
  });
});
