import { named, WeightsFormatError } from './format_error.ts';
import { PickleBytes } from './pickle_bytes.ts';
import { OPCODES, opcodeName } from './pickle_opcodes.ts';

/** What a pickle may refer to by name, and, where it may call it, what happens then. */
export class PickleGlobal {
  readonly name: string;
  readonly call: ((args: readonly unknown[]) => unknown) | undefined;

  constructor(name: string, call?: (args: readonly unknown[]) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/** A Python tuple. Lists are arrays, dictionaries maps. */
export class PickleTuple {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}

/** What a pickle may reach beyond itself. */
export interface PickleSurroundings {
  /** Everything it may refer to, by full name ('collections.OrderedDict'). */
  globals: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for; throws WeightsFormatError where it is not understood. */
  persistentLoad(id: unknown): unknown;
}

const NEWEST_PROTOCOL = 5;

/**
 * Runs the one pickle that begins at byte `start`, and says where it ends. It computes with data only: opcodes and names are honoured from a
 * list, and nothing in it reaches code outside `surroundings`. Time and memory grow with the pickle's length, never with a number in it.
 *
 * None is null; integers are numbers, or bigints beyond 2⁵³; texts (Python 2's byte strings, too) strings; bytes Uint8Array.
 * @throws WeightsFormatError for a pickle that is cut off or damaged, or that asks for more, naming what it would call.
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  surroundings: PickleSurroundings,
): { value: unknown; end: number } {
  return new PickleMachine(bytes, start, surroundings).run();
}

class PickleMachine {
  #bytes: PickleBytes;
  #surroundings: PickleSurroundings;
  #stack: unknown[] = [];
  /** Heights of the stack at the marks that are open. */
  #marks: number[] = [];
  #memo = new Map<number, unknown>();

  constructor(bytes: Uint8Array, start: number, surroundings: PickleSurroundings) {
    this.#bytes = new PickleBytes(bytes, start);
    this.#surroundings = surroundings;
  }

  run(): { value: unknown; end: number } {
    for (;;) {
      const opcode = this.#bytes.uint8();
      if (opcode === OPCODES.STOP) return { value: this.#pop(), end: this.#bytes.at };
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const stack = this.#stack;
    switch (opcode) {
      case OPCODES.PROTO: {
        const protocol = this.#bytes.uint8();
        if (protocol > NEWEST_PROTOCOL) {
          throw new WeightsFormatError(`The pickle is of protocol ${protocol}; up to ${NEWEST_PROTOCOL} can be read.`);
        }
        break;
      }
      case OPCODES.FRAME:
        // The bytes of a frame are read like any others; how many they are does not matter.
        this.#bytes.take(8);
        break;

      case OPCODES.NONE:
        stack.push(null);
        break;
      case OPCODES.NEWTRUE:
        stack.push(true);
        break;
      case OPCODES.NEWFALSE:
        stack.push(false);
        break;
      case OPCODES.BININT:
        stack.push(this.#bytes.int32());
        break;
      case OPCODES.BININT1:
        stack.push(this.#bytes.uint8());
        break;
      case OPCODES.BININT2:
        stack.push(this.#bytes.uint16());
        break;
      case OPCODES.LONG1:
        stack.push(this.#bytes.long(this.#bytes.uint8()));
        break;
      case OPCODES.BINFLOAT:
        stack.push(this.#bytes.float64());
        break;
      case OPCODES.BINUNICODE:
      case OPCODES.BINSTRING:
        stack.push(this.#bytes.text(this.#bytes.uint32()));
        break;
      case OPCODES.SHORT_BINUNICODE:
      case OPCODES.SHORT_BINSTRING:
        stack.push(this.#bytes.text(this.#bytes.uint8()));
        break;
      case OPCODES.BINBYTES:
        stack.push(this.#bytes.take(this.#bytes.uint32()));
        break;
      case OPCODES.SHORT_BINBYTES:
        stack.push(this.#bytes.take(this.#bytes.uint8()));
        break;

      case OPCODES.MARK:
        this.#marks.push(stack.length);
        break;
      case OPCODES.EMPTY_TUPLE:
        stack.push(new PickleTuple([]));
        break;
      case OPCODES.TUPLE:
        stack.push(new PickleTuple(this.#popToMark()));
        break;
      case OPCODES.TUPLE1:
      case OPCODES.TUPLE2:
      case OPCODES.TUPLE3:
        stack.push(new PickleTuple(this.#popSome(opcode - OPCODES.TUPLE1 + 1)));
        break;
      case OPCODES.EMPTY_LIST:
        stack.push([]);
        break;
      case OPCODES.APPEND:
        this.#append(this.#popSome(1));
        break;
      case OPCODES.APPENDS:
        this.#append(this.#popToMark());
        break;
      case OPCODES.EMPTY_DICT:
        stack.push(new Map());
        break;
      case OPCODES.SETITEM:
        this.#setItems(this.#popSome(2));
        break;
      case OPCODES.SETITEMS:
        this.#setItems(this.#popToMark());
        break;

      case OPCODES.BINPUT:
        this.#memo.set(this.#bytes.uint8(), this.#top());
        break;
      case OPCODES.LONG_BINPUT:
        this.#memo.set(this.#bytes.uint32(), this.#top());
        break;
      case OPCODES.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top());
        break;
      case OPCODES.BINGET:
        stack.push(this.#remembered(this.#bytes.uint8()));
        break;
      case OPCODES.LONG_BINGET:
        stack.push(this.#remembered(this.#bytes.uint32()));
        break;

      case OPCODES.GLOBAL:
        stack.push(this.#global(this.#bytes.line(), this.#bytes.line()));
        break;
      case OPCODES.STACK_GLOBAL: {
        const [module, name] = this.#popSome(2);
        stack.push(this.#global(module, name));
        break;
      }
      case OPCODES.INST:
        // Calls what it names; old, and in no file of PyTorch's.
        this.#global(this.#bytes.line(), this.#bytes.line());
        throw refusedOpcode(opcode);
      case OPCODES.BINPERSID:
        stack.push(this.#surroundings.persistentLoad(this.#pop()));
        break;
      case OPCODES.REDUCE:
        this.#reduce();
        break;
      case OPCODES.BUILD:
        this.#build();
        break;
      default:
        throw refusedOpcode(opcode);
    }
  }

  // -- Calls --------------------------------------------------------------------------------------------------------------------------

  #global(module: unknown, name: unknown): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') throw damaged('names something by what is no text');
    const found = this.#surroundings.globals.get(`${module}.${name}`);
    if (found === undefined) throw refusedGlobal(`${module}.${name}`);
    return found;
  }

  #reduce(): void {
    const [callee, args] = this.#popSome(2);
    if (!(callee instanceof PickleGlobal)) throw damaged('calls something that is not a function');
    if (callee.call === undefined) throw refusedGlobal(callee.name);
    if (!(args instanceof PickleTuple)) throw damaged(`calls ${named(callee.name)} with something that is not a tuple`);
    this.#stack.push(callee.call(args.items));
  }

  /** Attributes: those of an OrderedDict (a state dict's `_metadata`) say nothing about tensors; nothing else has any. */
  #build(): void {
    this.#pop();
    if (!(this.#top() instanceof Map)) throw damaged('sets attributes of something other than a dictionary');
  }

  // -- Containers ---------------------------------------------------------------------------------------------------------------------

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw damaged('appends to something that is not a list');
    for (const item of items) list.push(item);
  }

  #setItems(items: readonly unknown[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map)) throw damaged('sets an item of something that is not a dictionary');
    if (items.length % 2 !== 0) throw damaged('sets an item without a value');
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  #remembered(index: number): unknown {
    if (!this.#memo.has(index)) throw damaged(`refers to entry ${index} of its memo, which is not there`);
    return this.#memo.get(index);
  }

  // -- Stack --------------------------------------------------------------------------------------------------------------------------

  /** The values above the last open mark, or all where none is open, may be used. */
  #popSome(count: number): unknown[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count)
      throw damaged('takes more from its stack than is there');
    return this.#stack.splice(-count);
  }

  #pop(): unknown {
    return this.#popSome(1)[0];
  }

  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw damaged('takes more from its stack than is there');
    return this.#stack.at(-1);
  }

  #popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw damaged('closes a mark that was not set');
    return this.#stack.splice(mark);
  }
}

function damaged(what: string): WeightsFormatError {
  return new WeightsFormatError(`The pickle is damaged: it ${what}.`);
}

function refusedGlobal(name: string): WeightsFormatError {
  return new WeightsFormatError(
    `The pickle would call ${named(name)}, which reading weights never does; save the model's state_dict() with nothing but numbers and texts beside it.`,
  );
}

function refusedOpcode(opcode: number): WeightsFormatError {
  return new WeightsFormatError(
    `The pickle uses the opcode ${opcodeName(opcode)}, which no state dict needs: the file is damaged or not one.`,
  );
}
