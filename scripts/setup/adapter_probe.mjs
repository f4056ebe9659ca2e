// Asks Dawn for an adapter and a device, and prints one line of JSON. It is a program of its own, because a driver that crashes takes
// its process along.
import { writeSync } from 'node:fs';

/** @param {object} answer */
function print(answer) {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

try {
  const { create } = await import('webgpu');
  // The object must stay referenced: once collected, the process crashes.
  const gpu = create([]);
  Object.assign(globalThis, { gpu });
  const adapter = await gpu.requestAdapter();
  if (adapter) {
    const device = await adapter.requestDevice();
    print({ adapter: adapter.info.description || adapter.info.device || adapter.info.vendor || 'unnamed adapter' });
    device.destroy();
  } else {
    print({ adapter: null });
  }
} catch (error) {
  print({ error: error instanceof Error ? error.message : String(error) });
}
