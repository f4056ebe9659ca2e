import type { ShaderInterface } from '../runtime/shader.ts';

/** Type of each storage array as a text declares it, by name. */
function typesOf(wgsl: string): Map<string, string> {
  const code = wgsl.replace(/\/\/.*$/gm, '');
  return new Map(
    [...code.matchAll(/var<storage,[^>]*>\s*(\w+)\s*:\s*([^;]+);/g)].map(([, name, type]) => [
      name,
      type.replace(/\s+/g, ''),
    ]),
  );
}

/** What a kernel has to have as the exercise has it, and has not: a sentence, or undefined. wanted and found: what the texts say of themselves. */
export function interfaceFault(
  wanted: ShaderInterface,
  wantedText: string,
  found: ShaderInterface,
  foundText: string,
): string | undefined {
  const [wantedTypes, types] = [typesOf(wantedText), typesOf(foundText)];
  for (const { name, binding, access } of wanted.bindings) {
    const own = found.bindings.find((other) => other.binding === binding);
    if (own === undefined)
      return `The array '${name}' at @binding(${binding}) is missing. The names and numbers of the arrays are part of the exercise.`;
    if (own.name !== name) {
      return `The array at @binding(${binding}) is called '${own.name}'; the exercise binds it as '${name}'. Give it its name back.`;
    }
    if (own.access !== access) return `The array '${name}' is declared ${own.access}; the exercise has it ${access}.`;
    if (types.get(name) !== wantedTypes.get(name)) {
      return `The array '${name}' is declared ${types.get(name)}; the exercise has it ${wantedTypes.get(name)}.`;
    }
  }
  const extra = found.bindings.find(({ name }) => !wanted.bindings.some((other) => other.name === name));
  if (extra)
    return `There is an array '${extra.name}' at @binding(${extra.binding}) that the exercise does not give. Remove it.`;
  const fields = ({ params }: ShaderInterface) => params.map(({ name, type }) => `${name}: ${type}`).join(', ');
  if (fields(wanted) !== fields(found)) {
    return `The fields of the uniform struct are [${fields(found)}]; the exercise gives [${fields(wanted)}], in this order.`;
  }
  if (wanted.workgroup.join() !== found.workgroup.join()) {
    return `@workgroup_size is (${found.workgroup.join(', ')}); the exercise is dispatched for (${wanted.workgroup.join(', ')}).`;
  }
  return undefined;
}
