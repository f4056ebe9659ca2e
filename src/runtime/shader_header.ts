/** What the comment that opens a shader says. */
export interface ShaderHeader {
  /** The lines of its formulas, as they are indented to each other; an empty one between two blocks. */
  mathematics: string[];
  /** Its sentences by paragraph, each in one line. The first says what the shader computes, the last how it is dispatched. */
  text: string[];
}

/** `Needs: …`, `Source: …` and `Dispatch: …` begin a paragraph. */
const LABEL = /^(Needs|Source[^.:]*|Dispatch): /;

/** Reads the comment that opens a shader. Lines of it that are indented by three blanks or more are formulas. source: the shader's WGSL. */
export function shaderHeader(source: string): ShaderHeader {
  const mathematics: string[] = [];
  const text: string[] = [];
  let previous: 'formula' | 'sentence' | 'gap' = 'gap';
  for (const [, line] of source.matchAll(/\/\/(.*)\r?\n/gy)) {
    if (line.trim() === '') {
      previous = 'gap';
    } else if (line.startsWith('   ')) {
      if (previous !== 'formula' && mathematics.length > 0) mathematics.push('');
      mathematics.push(line.slice(3).trimEnd());
      previous = 'formula';
    } else {
      const sentence = line.trim();
      if (previous === 'sentence' && !LABEL.test(sentence)) text.push(`${text.pop()} ${sentence}`);
      else text.push(sentence);
      previous = 'sentence';
    }
  }
  return { mathematics, text };
}
