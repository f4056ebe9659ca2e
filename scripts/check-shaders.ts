// Compiles every shader with Dawn, in each type of elements and each set of constants it is for, and prints what it says by file, line and column.
// Part of `npm run check`.
//
//   tsx scripts/check-shaders.ts [FOLDER]     FOLDER holds the .wgsl files, default: the project's shaders
//
// Exit code 1 on an error, a warning, a header without its Dispatch line, a uniform elsewhere than at group 1, binding 0, or when there
// is nothing to check; or where two shaders have unlike what they repeat (shader_blocks.ts).
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'webgpu';
import { elementTypes, parseShader, withConstants, withElementType } from '../src/runtime/shader.ts';
import { constantSets } from '../src/runtime/tiles.ts';
import { unlikeBlocks } from './shader_blocks.ts';

interface ShaderCheck {
  /** Lines to print, one for each message of Dawn's or fault of a header. */
  lines: string[];
  /** Shaders that were compiled. */
  checked: number;
  /** Shaders that need what the adapter lacks, each with what that is. */
  notChecked: { file: string; needs: string }[];
  /** Errors, warnings, faulty headers and uniforms, and what two shaders should have alike. */
  faults: number;
}

/** Whether the comment that opens a shader says how it is dispatched. */
export function hasDispatchLine(text: string): boolean {
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('//')) return false;
    if (/^\/\/\s*Dispatch:\s*\S/.test(line)) return true;
  }
  return false;
}

/**
 * Compiles all `.wgsl` files below a folder, in the order of their names, on a device with every feature its adapter has.
 *
 * @throws Error when the folder cannot be read
 */
async function checkShaders(folder: string, device: GPUDevice): Promise<ShaderCheck> {
  const result: ShaderCheck = { lines: [], checked: 0, notChecked: [], faults: 0 };
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wgsl'));
  const texts = new Map<string, string>();
  for (const name of files.sort()) {
    const path = join(folder, name);
    const file = relative(process.cwd(), path).split(sep).join('/');
    const report = (line: number, column: number, type: string, message: string) => {
      // One line for one message, so that editors can jump to it.
      result.lines.push(`${file}:${line}:${column}: ${type}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`);
      if (type !== 'info') result.faults++;
    };

    const text = readFileSync(path, 'utf8');
    texts.set(name, text);
    if (!hasDispatchLine(text)) {
      report(
        1,
        1,
        'error',
        "the comment that opens the file has no line '// Dispatch: …' with the number of workgroups",
      );
    }
    try {
      const { workgroup } = parseShader(file, text);
      const stride = /groups\.x \* (\d+)u/.exec(text);
      if (stride !== null && Number(stride[1]) !== workgroup[0]) {
        const line = text.slice(0, stride.index).split('\n').length;
        report(
          line,
          1,
          'error',
          `the rows of the grid are ${stride[1]} invocations apart, a workgroup has ${workgroup[0]}`,
        );
      }
    } catch (error) {
      report(1, 1, 'error', (error as Error).message.replace(/^\S+: /, ''));
    }
    const messages: Message[] = [];
    for (const { code, put } of versionsOf(name, text, device.features.has('shader-f16'))) {
      const found = await compile(device, code);
      // What is wrong in each version is said once.
      const ofThis = found.filter((one) => !messages.some((known) => areAlike(known, one)));
      const suffix = put === '' ? '' : ` (with ${put})`;
      for (const { lineNum, linePos, type: kind, message } of ofThis) {
        messages.push({ lineNum, linePos, type: kind, message: message + suffix });
      }
    }
    const needs = messages.map(missingExtension).find((extension) => extension !== null);
    if (needs !== undefined) {
      result.notChecked.push({ file, needs });
      continue;
    }
    result.checked++;
    for (const { lineNum, linePos, type, message } of messages) report(lineNum, linePos, type, message);
  }
  for (const { file, line, message } of unlikeBlocks(texts)) {
    const path = relative(process.cwd(), join(folder, file)).split(sep).join('/');
    result.lines.push(`${path}:${line}:1: error: ${message}; make them alike, or give one of them another name`);
    result.faults++;
  }
  return result;
}

/** The text of a shader in each type of elements, with each set of constants that it is for, and what was put into it. halves: in half precision too. */
function versionsOf(name: string, text: string, halves: boolean): { code: string; put: string }[] {
  const types = elementTypes(text).filter((type) => halves || !/16|h/.test(type));
  return types.flatMap((type) => {
    const code = withElementType(name, text, type);
    const elements = type === 'f32' ? [] : [`elements ${type}`];
    const sets = constantSets(name.replace('.wgsl', '')).map((constants) => ({
      code: withConstants(name, code, constants),
      put: [...elements, ...Object.entries(constants).map(([constant, value]) => `${constant} = ${value}`)].join(', '),
    }));
    return [{ code, put: elements.join() }, ...sets];
  });
}

type Message = Pick<GPUCompilationMessage, 'lineNum' | 'linePos' | 'type' | 'message'>;

function areAlike(some: Message, other: Message): boolean {
  return some.lineNum === other.lineNum && some.linePos === other.linePos && some.message === other.message;
}

async function compile(device: GPUDevice, code: string): Promise<Message[]> {
  device.pushErrorScope('validation');
  const info = await device.createShaderModule({ code }).getCompilationInfo();
  const error = await device.popErrorScope();
  const messages: Message[] = [...info.messages];
  // An error that belongs to no place in the text must not pass for success.
  if (error && !messages.some(({ type }) => type === 'error')) {
    messages.push({ lineNum: 1, linePos: 1, type: 'error', message: error.message });
  }
  return messages;
}

/** The name after `enable` where Dawn says that this device lacks it. */
function missingExtension({ type, message }: Message): string | null {
  const match = type === 'error' && /^extension '(\w+)' is not allowed in the current environment/.exec(message);
  return match ? match[1]! : null;
}

async function main(folder: string): Promise<number> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    console.error('No WebGPU adapter to compile the shaders with: `npm run doctor` says what is missing.');
    return 1;
  }
  const adapterName = adapter.info.description || adapter.info.device;
  const device = await adapter.requestDevice({ requiredFeatures: [...adapter.features] as GPUFeatureName[] });
  try {
    const { lines, checked, notChecked, faults } = await checkShaders(folder, device);
    for (const line of lines) console.log(line);
    for (const { file, needs } of notChecked) {
      console.log(`${file}: not checked: it needs '${needs}', which ${adapterName} lacks`);
    }
    if (checked + notChecked.length === 0) {
      console.error(`There are no .wgsl files in ${folder}.`);
      return 1;
    }
    const skipped = notChecked.length > 0 ? `, ${notChecked.length} not checked` : '';
    console.log(
      `${checked} shaders checked on ${adapterName}${skipped}: ${faults === 0 ? 'no faults' : `${faults} faults`}.`,
    );
    return faults === 0 ? 0 : 1;
  } finally {
    // Without it the process neither ends nor rests.
    device.destroy();
  }
}

/** Dawn's object must stay referenced: once collected, the process crashes. */
const gpu = create([]);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../shaders', import.meta.url));
  process.exitCode = await main(folder).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  });
}
