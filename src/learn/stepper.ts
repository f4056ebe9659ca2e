// The one file that knows wgsl_reflect, which parses WGSL and runs it statement by statement on the CPU. Its own scheduler goes round the
// invocations a statement at a time, while the value of a call is kept in the syntax tree that all of them share; here each runs up to its next
// barrier, which finds the same races and keeps the values apart.
import {
  ArrayIndex,
  Call,
  type Data,
  type Expression,
  ScalarData,
  TypedData,
  type TypeInfo,
  VectorData,
  WgslDebug,
} from 'wgsl_reflect/wgsl_reflect.module.js';
import type { HostArray } from '../runtime/gpu.ts';
import { type Access, AccessLog, type Race } from './access_log.ts';

/** What a kernel is run on. */
export interface StepperCall {
  /** By binding number; written in place. words: those that the kernel may touch. */
  arrays: Readonly<Record<number, { data: HostArray; words: number }>>;
  /** The words of the uniform struct; empty where there is none. */
  params: Uint32Array;
  constants: Readonly<Record<string, number>>;
  workgroups: readonly [number, number, number];
}

/** One statement of the invocation that is watched. */
export interface Step {
  line: number;
  /** Variables that it made or changed, with what they held before and hold now. */
  changed: { name: string; before: readonly number[] | undefined; value: readonly number[] }[];
  /** What it read of arrays and wrote to them. */
  accesses: (Access & { value: readonly number[] })[];
}

/** What running a kernel on the CPU showed. */
export interface StepperResult {
  races: Race[];
  /** Reads and writes outside of arrays, the first of each line. */
  outside: Access[];
  /** The line at which an invocation was when it had taken more steps than a kernel on such a small case can need. */
  endlessAt?: number;
  /** Lines of barriers that not all invocations of a workgroup came to. */
  divergesAt?: number;
  /** Of the invocation that was watched. */
  steps: Step[];
}

/** A kernel that the stepper cannot read or run: it knows most of WGSL. */
export class StepperError extends Error {
  override readonly name = 'StepperError';
}

/** Steps that an invocation may take on a small case, and all of them together: a hundred and ten times what the engine's kernels take. */
const MOST_STEPS = 10_000;
const MOST_STEPS_OF_ALL = 300_000;

const BARRIERS = new Set(['workgroupBarrier', 'storageBarrier']);

type Context = WgslDebug['context'];
type Exec = WgslDebug['exec'];

/** A variable before each barrier: the stepper runs the first statement of a block together with what leads to it, and would run past a barrier there. */
const MARK = 'before_barrier_';

/**
 * The text as the library needs it, with its lines where they were: names that its parser takes for words of the language are made others, a
 * statement stands before each barrier, and `while`, whose body it would run once, is a `for`. Without comments, which are not to be changed.
 */
function readable(wgsl: string): string {
  return wgsl
    .replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]+/g, ' '))
    .replace(/\bwhile\b([^{;]*)\{/g, 'for (; $1; ) {')
    .replace(/(?<!<)\bworkgroup\b/g, 'workgrou_')
    .replace(/(?<!<)\buniform\b/g, 'unifor_')
    .replace(/\b(workgroup|storage)Barrier\s*\(\s*\)\s*;/g, `let ${MARK} = 0u; $&`);
}

const original = (name: string) => name.replace('workgrou_', 'workgroup').replace('unifor_', 'uniform');

/** An array of a kernel's, which notes each access. One outside comes to the last element, as a driver that guards its memory has it. */
class Memory extends TypedData {
  readonly log: AccessLog;
  readonly array: string;
  /** Bytes that the kernel may touch. */
  readonly bytes: number;

  constructor(buffer: ArrayBuffer, typeInfo: TypeInfo, log: AccessLog, array: string, bytes = buffer.byteLength) {
    super(buffer, typeInfo, 0, null);
    this.log = log;
    this.array = array;
    this.bytes = bytes;
  }

  /** Notes an access; returns the path to the element with its index computed and brought inside. */
  #note(kind: Access['kind'], exec: Exec, path: Expression | null, context: Context): Expression | null {
    const info = this.typeInfo as TypeInfo & { stride: number; size: number };
    if (!(path instanceof ArrayIndex) || !info.isArray) {
      if (kind === 'write') this.log.note({ array: this.array, element: 0, length: 1, words: info.size / 4, kind });
      return path;
    }
    const index = exec.evalExpression(path.index, context);
    if (!(index instanceof ScalarData)) throw new StepperError(`The index of '${this.array}' has no value.`);
    const element = index.value;
    this.log.note({ array: this.array, element, length: this.bytes / info.stride, words: info.stride / 4, kind });
    const last = this.buffer.byteLength / info.stride - 1;
    const inside = new ArrayIndex(element < 0 ? last : Math.min(element, last));
    inside.postfix = path.postfix;
    return inside;
  }

  override getSubData(exec: Exec, path: Expression | null, context: Context): Data | null {
    const found = super.getSubData(exec, this.#note('read', exec, path, context), context);
    this.log.complete(() => numbersOf(found));
    return found;
  }

  override setDataValue(exec: Exec, value: Data, path: Expression | null, context: Context): void {
    super.setDataValue(exec, value, this.#note('write', exec, path, context), context);
    this.log.complete(() => numbersOf(value));
  }
}

function numbersOf(data: Data | null): number[] {
  if (data instanceof ScalarData) return [data.value];
  if (data instanceof VectorData) return Array.from(data.data);
  if (data instanceof TypedData) {
    const { typeInfo, buffer, offset } = data;
    const type = /u32/.test(typeInfo.getTypeName())
      ? Uint32Array
      : /i32/.test(typeInfo.getTypeName())
        ? Int32Array
        : Float32Array;
    return Array.from(new type(buffer, offset, Math.floor((typeInfo as TypeInfo & { size: number }).size / 4)));
  }
  return [];
}

type Stack = Parameters<WgslDebug['stepStack']>[0];

/** The statements that an invocation has yet to run. */
function stackOf(frame: Stack['states'][number]): Stack {
  const states = [frame];
  return {
    states,
    get isEmpty() {
      return states.length === 0;
    },
    get last() {
      return states.at(-1) ?? null;
    },
    pop: () => void states.pop(),
  };
}

/** The statement that is next, or null at the end. */
function nextOf(stack: Stack) {
  while (stack.last?.isAtEnd) stack.pop();
  return stack.last?.getCurrentCommand() ?? null;
}

/** Variables that an invocation sees besides those of the module, innermost first. */
function variablesOf(stack: Stack, module: Context): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let context = stack.last?.context ?? null; context !== null && context !== module; context = context.parent) {
    for (const [name, { value }] of context.variables) {
      if (name.startsWith('@') || name === MARK || found.has(name) || value === null || value instanceof Memory)
        continue;
      found.set(original(name), numbersOf(value));
    }
  }
  return found;
}

const alike = (a: readonly number[] | undefined, b: readonly number[]) =>
  a !== undefined && a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

/** Runs all workgroups of a kernel. watch: the global id of the invocation whose steps are to be kept. Throws StepperError. */
export function runStepped(wgsl: string, call: StepperCall, watch?: readonly [number, number, number]): StepperResult {
  // It would take each lane for a subgroup of its own.
  if (/^\s*enable\s+subgroups\b/m.test(wgsl)) throw new StepperError('it knows no subgroups');
  // What it cannot do it says on the console, and goes on.
  const said: string[] = [];
  const { error, log } = console;
  console.error = console.log = (...words: unknown[]) => void said.push(words.map(String).join(' '));
  try {
    const result = new Run(wgsl, call, watch).all();
    if (said.length > 0) throw new StepperError(said[0]);
    return result;
  } catch (cause) {
    if (cause instanceof StepperError) throw cause;
    throw new StepperError(
      cause instanceof Error ? cause.message : String((cause as { message?: unknown })?.message ?? cause),
      { cause },
    );
  } finally {
    console.error = error;
    console.log = log;
  }
}

class Run {
  #debug: WgslDebug;
  #call: StepperCall;
  #module: Context;
  #log = new AccessLog();
  #shared: { memory: Memory; buffer: ArrayBuffer }[] = [];
  #watch: readonly number[] | undefined;
  #result: StepperResult;
  #steps = 0;

  constructor(wgsl: string, call: StepperCall, watch: readonly number[] | undefined) {
    this.#debug = new WgslDebug(readable(wgsl));
    this.#call = call;
    this.#watch = watch;
    const { exec } = this.#debug;
    this.#module = exec.context;
    this.#debug.applyOverrides(call.constants, this.#module);
    exec._execStatements(exec.ast, this.#module);
    this.#bind();
    this.#result = { races: this.#log.races, outside: this.#log.outside, steps: [] };
  }

  /** Puts the arrays in the place of the module's variables, and workgroup memory that is noted. */
  #bind(): void {
    const { exec } = this.#debug;
    for (const variable of this.#module.variables.values()) {
      const node = variable.node as {
        attributes?: { name: string; value: string }[] | null;
        type?: unknown;
        storage?: string;
      } | null;
      const number = (name: string) =>
        Number(node?.attributes?.find((attribute) => attribute.name === name)?.value ?? Number.NaN);
      const name = original(variable.name);
      if (node?.storage === 'storage') {
        const info = exec.getTypeInfo(node.type as string) as TypeInfo;
        const { data, words } = this.#call.arrays[number('binding')];
        variable.value = new Memory(data.buffer as ArrayBuffer, info, this.#log, name, 4 * words);
      } else if (node?.storage === 'uniform') {
        const info = exec.getTypeInfo(node.type as string) as TypeInfo;
        variable.value = new TypedData(this.#call.params.buffer as ArrayBuffer, info);
      } else if (variable.value instanceof TypedData && node?.storage === 'workgroup') {
        const { buffer, typeInfo } = variable.value;
        const memory = new Memory(buffer, typeInfo, this.#log, name);
        this.#log.shared.add(name);
        this.#shared.push({ memory, buffer });
        variable.value = memory;
      }
    }
  }

  all(): StepperResult {
    const [x, y, z] = this.#call.workgroups;
    for (let gz = 0; gz < z; gz++) {
      for (let gy = 0; gy < y; gy++)
        for (let gx = 0; gx < x; gx++) if (!this.#workgroup([gx, gy, gz])) return this.#result;
    }
    return this.#result;
  }

  #sizes(): number[] {
    const main = this.#module.getFunction('main');
    const attribute = main?.node.attributes?.find(({ name }) => name === 'workgroup_size');
    const sizes = [attribute?.value ?? '1'].flat().map((text) => {
      const value = this.#module.getVariableValue(String(text));
      return value instanceof ScalarData ? value.value : Number.parseInt(String(text), 10);
    });
    return [...sizes, 1, 1].slice(0, 3);
  }

  /** Runs a workgroup. Returns whether to go on. */
  #workgroup(group: readonly number[]): boolean {
    for (const { buffer } of this.#shared) new Uint8Array(buffer).fill(0);
    this.#log.workgroup = group.join();
    const [sx, sy, sz] = this.#sizes();
    const stacks: { stack: Stack; watched: boolean; steps: number }[] = [];
    for (let index = 0; index < sx * sy * sz; index++) {
      const local = [index % sx, Math.floor(index / sx) % sy, Math.floor(index / (sx * sy))];
      const global = local.map((at, d) => at + group[d] * [sx, sy, sz][d]);
      const watched = this.#watch !== undefined && global.every((at, d) => at === this.#watch?.[d]);
      stacks.push({ stack: this.#start(group, local, global, index), watched, steps: 0 });
    }
    for (let running = stacks; running.length > 0; ) {
      let barrier: number | undefined;
      const waiting: typeof stacks = [];
      for (const one of running) {
        this.#log.invocation = stacks.indexOf(one);
        const line = this.#untilBarrier(one);
        if (this.#result.endlessAt !== undefined) return false;
        if (line === undefined) continue;
        waiting.push(one);
        if (barrier !== undefined && barrier !== line) this.#result.divergesAt = line;
        barrier = line;
      }
      if (barrier !== undefined && waiting.length < stacks.length) this.#result.divergesAt ??= barrier;
      this.#log.endPhase();
      running = waiting;
    }
    return true;
  }

  /** The invocation's own variables, with what the kernel asks to be told. */
  #start(group: readonly number[], local: readonly number[], global: readonly number[], index: number): Stack {
    const { exec } = this.#debug;
    const [vec3u, u32] = [exec.getTypeInfo('vec3u') as TypeInfo, exec.getTypeInfo('u32') as TypeInfo];
    const main = this.#module.getFunction('main');
    if (main === null) throw new StepperError("There is no function 'main'.");
    const builtins: Record<string, Data> = {
      workgroup_id: new VectorData([...group], vec3u),
      num_workgroups: new VectorData([...this.#call.workgroups], vec3u),
      local_invocation_id: new VectorData([...local], vec3u),
      global_invocation_id: new VectorData([...global], vec3u),
      local_invocation_index: new ScalarData(index, u32),
    };
    const context = this.#module.clone();
    for (const argument of main.node.args ?? []) {
      const builtin = argument.attributes?.find(({ name }) => name === 'builtin')?.value as string;
      if (!Object.hasOwn(builtins, builtin)) throw new StepperError(`It does not know @builtin(${builtin}).`);
      context.createVariable(argument.name, builtins[builtin], argument);
    }
    return stackOf(this.#debug.createStackFrame(main.node.body, context));
  }

  /** Runs an invocation to its next barrier, whose line it returns, or to its end. */
  #untilBarrier(one: { stack: Stack; watched: boolean; steps: number }): number | undefined {
    const { stack, watched } = one;
    let atBarrier = one.steps > 0;
    for (;;) {
      const next = nextOf(stack);
      if (next === null) return undefined;
      const { node } = next as { node?: unknown };
      if (node instanceof Call && BARRIERS.has(node.name) && !atBarrier) return next.line;
      atBarrier = false;
      if (++one.steps > MOST_STEPS || ++this.#steps > MOST_STEPS_OF_ALL) {
        this.#result.endlessAt = next.line;
        return undefined;
      }
      this.#log.line = next.line;
      if (watched) this.#watchedStep(stack, next.line);
      else this.#debug.stepStack(stack, true);
    }
  }

  #watchedStep(stack: Stack, line: number): void {
    const before = variablesOf(stack, this.#module);
    const accesses: Step['accesses'] = [];
    this.#log.watch = accesses;
    this.#debug.stepStack(stack, true);
    this.#log.watch = undefined;
    nextOf(stack);
    const after = variablesOf(stack, this.#module);
    const changed = [...after]
      .filter(([name, value]) => !alike(before.get(name), value))
      .map(([name, value]) => ({ name, before: before.get(name), value }));
    this.#result.steps.push({ line, changed, accesses });
  }
}
