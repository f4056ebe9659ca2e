// Loaded before a command (`node --import`): counts its writes below a folder and its dispatches, and has one of them fail.
//
//   WGRAD_FAULT=disk:N       the disk is full from write N on, from 0: half of a file's bytes are written, and nothing that needs room can be made
//   WGRAD_FAULT=device:N     the device is lost before dispatch N
//   WGRAD_FAULT_UNDER=DIR    the folder whose writes count
//   WGRAD_FAULT_REPORT=FILE  gets { writes, dispatches, sinceFault } when the process ends: sinceFault in milliseconds, null where nothing failed
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import * as webgpu from 'webgpu';

const { WGRAD_FAULT = 'none:0', WGRAD_FAULT_UNDER = '', WGRAD_FAULT_REPORT } = process.env;
const [kind, number] = WGRAD_FAULT.split(':');
const at = Number(number);
const below = resolve(WGRAD_FAULT_UNDER) + sep;
/** @type {any} */
const { GPUAdapter, GPUComputePassEncoder } = webgpu.globals;
/** @type {{ writes: number, dispatches: number, sinceFault: number | null }} */
const report = { writes: 0, dispatches: 0, sinceFault: null };
/** @type {number | undefined} */
let failedAt;

/** @param {unknown} path */
const counts = (path) => (typeof path === 'string' || path instanceof URL) && resolve(String(path)).startsWith(below);

/**
 * Counts a write. Throws what the system says of a full disk where it is to fail.
 * @param {string} path
 */
function counted(path) {
  const mine = report.writes++;
  if (kind !== 'disk' || mine < at) return;
  failedAt ??= performance.now();
  const about = { errno: -28, code: 'ENOSPC', syscall: 'write', path };
  throw Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), about);
}

const { open, writeFile, mkdir, mkdtemp } = fs.promises;
const { appendFileSync, writeFileSync, mkdirSync } = fs;
/** @param {any} flags */
const makes = (flags) => typeof flags === 'string' && /[wax]/.test(flags);
/** @param {any} data */
const halfOf = (data) => data.slice(0, Math.floor(data.length / 2));

Object.assign(fs.promises, {
  /** @param {any} path @param {any} flags @param {any[]} rest */
  async open(path, flags, ...rest) {
    if (counts(path) && makes(flags)) counted(path);
    const file = await open(path, flags, ...rest);
    if (!counts(path)) return file;
    const whole = file.writeFile.bind(file);
    file.writeFile = async (/** @type {any} */ data) => {
      try {
        counted(path);
      } catch (error) {
        await whole(halfOf(data));
        throw error;
      }
      return whole(data);
    };
    return file;
  },
  /** @param {any} path @param {any} data @param {any} options */
  async writeFile(path, data, options) {
    // Written over in place, which needs no room.
    if (counts(path) && options?.flag !== 'r+') {
      try {
        counted(path);
      } catch (error) {
        await writeFile(path, halfOf(data), options);
        throw error;
      }
    }
    return writeFile(path, data, options);
  },
  /** @param {any} path @param {any} options */
  async mkdir(path, options) {
    if (counts(path) && !fs.existsSync(path)) counted(path);
    return mkdir(path, options);
  },
  /** @param {any} prefix @param {any} options */
  async mkdtemp(prefix, options) {
    if (counts(prefix)) counted(prefix);
    return mkdtemp(prefix, options);
  },
});
Object.assign(fs, {
  /** @param {any} path @param {any} data @param {any} options */
  appendFileSync(path, data, options) {
    if (counts(path)) counted(path);
    return appendFileSync(path, data, options);
  },
  /** @param {any} path @param {any} data @param {any} options */
  writeFileSync(path, data, options) {
    if (counts(path)) counted(path);
    return writeFileSync(path, data, options);
  },
  /** @param {any} path @param {any} options */
  mkdirSync(path, options) {
    if (counts(path) && !fs.existsSync(path)) counted(path);
    return mkdirSync(path, options);
  },
});
syncBuiltinESMExports();

/** @type {any[]} */
const devices = [];
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (/** @type {any[]} */ ...given) {
  const device = await requestDevice.apply(this, given);
  devices.push(device);
  return device;
};
const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (/** @type {any[]} */ ...given) {
  if (report.dispatches++ === at && kind === 'device') {
    failedAt = performance.now();
    devices.at(-1).destroy();
  }
  return dispatchWorkgroups.apply(this, given);
};

process.on('exit', () => {
  if (failedAt !== undefined) report.sinceFault = performance.now() - failedAt;
  if (WGRAD_FAULT_REPORT) writeFileSync(WGRAD_FAULT_REPORT, JSON.stringify(report));
});
