/// <reference types="vite/client" />
const texts = import.meta.glob('../../exercises/*.wgsl', { query: '?raw', import: 'default', eager: true }) as Record<
  string,
  string
>;

/** The text of an exercise with its holes. */
export function templates(name: string): string {
  const text = texts[`../../exercises/${name}.wgsl`];
  if (text === undefined) throw new Error(`There is no exercise ${name}.`);
  return text;
}
