import type { HostTensor } from '../weights/host_tensor.ts';
import { ATTRIBUTE_TYPES, type AttributeProto, FLOAT, INT64, type NodeProto, type TensorProto } from './schema.ts';

/** The value of a node's attribute: an integer, several, or a float. */
export type Attribute = { i: number } | { ints: readonly number[] } | { f: number };

function attributeProto([name, value]: [string, Attribute]): AttributeProto {
  const [kind] = Object.keys(value) as (keyof typeof ATTRIBUTE_TYPES)[];
  return { name, ...value, type: ATTRIBUTE_TYPES[kind] };
}

/** Numbers as little-endian bytes, as ONNX's raw data wants them on any machine. */
function rawData(values: Float32Array | readonly number[]): Uint8Array {
  const isFloat = values instanceof Float32Array;
  const size = isFloat ? 4 : 8;
  const view = new DataView(new ArrayBuffer(size * values.length));
  values.forEach((value: number, i: number) => {
    if (isFloat) view.setFloat32(size * i, value, true);
    else view.setBigInt64(size * i, BigInt(value), true);
  });
  return new Uint8Array(view.buffer);
}

/** An ONNX graph while it is put together: nodes in the order in which they run, and constants. Each value has one name and is made once. */
export class OnnxGraph {
  readonly nodes: NodeProto[] = [];
  readonly #constants = new Map<string, TensorProto>();
  readonly #floats = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** Put before the names of the nodes that are added: the module that they are part of. */
  place = '';

  constructor(inputs: readonly string[]) {
    for (const name of inputs) this.#taken.add(name);
  }

  get constants(): TensorProto[] {
    return [...this.#constants.values()];
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let n = 1; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds a node with one output. It is named by its place and kind, 'layer1.0.conv1/Conv', and so is its output, whose name is returned. */
  node(opType: string, input: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const name = this.#unused(this.place === '' ? opType : `${this.place}/${opType}`);
    const attribute = Object.entries(attributes).map(attributeProto);
    this.nodes.push({ name, opType, input: [...input], output: [name], attribute });
    return name;
  }

  /**
   * A constant of float32 numbers; its name is returned. layout: how its dimensions lie. The same name in the same layout is the same constant; in a
   * second layout it gets a name of its own.
   */
  floats(name: string, layout: string, make: () => HostTensor<Float32Array>): string {
    const use = `${name} as ${layout}`;
    let own = this.#floats.get(use);
    if (own === undefined) {
      own = this.#unused(name);
      this.#floats.set(use, own);
      const { shape, data } = make();
      this.#constants.set(own, { name: own, dims: shape, dataType: FLOAT, rawData: rawData(data) });
    }
    return own;
  }

  /** A constant list of integers, as shapes and axes are given. */
  integers(values: readonly number[]): string {
    const name = `integers[${values}]`;
    this.#constants.set(name, { name, dims: [values.length], dataType: INT64, rawData: rawData(values) });
    return name;
  }

  /** Gives a value another name wherever it stands. */
  rename(from: string, to: string): void {
    const renamed = (name: string) => (name === from ? to : name);
    for (const node of this.nodes) {
      node.input = node.input.map(renamed);
      node.output = node.output.map(renamed);
    }
  }
}
