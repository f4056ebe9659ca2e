/**
 * What the header of a shader says of one of its rungs: the comment that begins with `Rung NAME: ` and ends with the next empty line, as one line.
 * Undefined where there is none.
 */
export function rungParagraph(shader: string, rung: string): string | undefined {
  const lines = shader.split('\n');
  const header = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('//')),
  );
  const texts = header.map((line) => line.replace(/^\/\/ ?/, '').trim());
  const start = `Rung ${rung}: `;
  const first = texts.findIndex((text) => text.startsWith(start));
  if (first < 0) return undefined;
  const end = texts.indexOf('', first);
  return texts
    .slice(first, end < 0 ? undefined : end)
    .join(' ')
    .slice(start.length);
}
