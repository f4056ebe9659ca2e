import { StreamLanguage } from '@codemirror/language';

const KEYWORDS =
  /^(?:alias|break|case|const|continue|continuing|default|diagnostic|discard|else|enable|false|fn|for|if|let|loop|override|requires|return|struct|switch|true|var|while)\b/;
const TYPES =
  /^(?:array|atomic|bool|f16|f32|i32|mat[234]x[234][fh]?|ptr|u32|vec[234][fhiu]?|function|private|storage|uniform|workgroup|read|read_write|write)\b/;

/** WGSL's words, numbers and comments, for the editor's colours. */
export const wgsl = StreamLanguage.define<{ comment: number }>({
  name: 'wgsl',
  startState: () => ({ comment: 0 }),
  token(stream, state) {
    // Comments may stand within each other.
    if (state.comment > 0) {
      if (stream.match('*/')) state.comment--;
      else if (stream.match('/*')) state.comment++;
      else stream.next();
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('//')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match('/*')) {
      state.comment = 1;
      return 'comment';
    }
    if (stream.match(/^@\w+/)) return 'meta';
    if (stream.match(KEYWORDS)) return 'keyword';
    if (stream.match(TYPES)) return 'typeName';
    if (stream.match(/^(?:0x[\da-f]+|\d+\.?\d*(?:e[+-]?\d+)?)[fhiu]?/i)) return 'number';
    if (stream.match(/^\w+(?=\s*\()/)) return 'variableName.function';
    if (stream.match(/^\w+/)) return 'variableName';
    stream.next();
    return 'operator';
  },
  languageData: { commentTokens: { line: '//' } },
});
