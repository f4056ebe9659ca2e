import { FLOAT, INT64, type ModelProto } from '../../../src/nn/onnx/schema.ts';

/** What in a model breaks ONNX's rules of form, a sentence each: names that are made twice or not at all, constants that do not hold what they say. */
export function structuralFaults({ irVersion, opsetImport, graph }: ModelProto): string[] {
  const faults: string[] = [];
  if (irVersion !== 8) faults.push(`The IR version is ${irVersion}.`);
  if (JSON.stringify(opsetImport) !== '[{"domain":"","version":17}]') faults.push('The opset is another.');
  const known = new Set(graph.input.map(({ name }) => name));
  const make = (name: string) => {
    if (name === '') faults.push('A value has no name.');
    if (known.has(name)) faults.push(`${name} is made twice.`);
    known.add(name);
  };
  for (const { name, dims, dataType, rawData } of graph.initializer) {
    make(name);
    const bytes = { [FLOAT]: 4, [INT64]: 8 }[dataType] ?? Number.NaN;
    const size = dims.reduce((product, length) => product * length, 1);
    if (rawData.length !== bytes * size) faults.push(`${name} holds ${rawData.length} bytes for [${dims}].`);
  }
  const read = new Set<string>();
  for (const { name, input, output } of graph.node) {
    for (const value of input) {
      if (!known.has(value)) faults.push(`${name} reads ${value}, which is not made before it.`);
      read.add(value);
    }
    for (const value of output) make(value);
  }
  for (const { name } of graph.output) if (!known.has(name)) faults.push(`The output ${name} is not made.`);
  const outputs = new Set(graph.output.map(({ name }) => name));
  for (const name of known) if (!read.has(name) && !outputs.has(name)) faults.push(`${name} is read by nobody.`);
  if (new Set(graph.node.map(({ name }) => name)).size !== graph.node.length) faults.push('Two nodes have one name.');
  return faults;
}
