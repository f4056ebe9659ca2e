// Formulas as the shaders' headers write them, in MathML, which browsers typeset by themselves.
//   dW[kh, kw, ci, co] = Σ over n, oh, ow of  X[n, oh·stride + kh − pad, …] · dY[n, oh, ow, co]

const TOKEN = /\s+|Σ|√|[A-Za-zα-ωΑ-Ω∂∇_](?:[\wα-ωΑ-Ω₀-₉²']|\p{M})*|\d+(?:\.\d+)?(?:e[+-]?\d+)?|[[\](){},^…]|./gu;

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] as string);

/** Functions, upright. */
const UPRIGHT = /^(max|min|exp|ln|log|tanh|sqrt|ceil|floor|round)$/;
/** Words of sentences among formulas. */
const isWord = (text: string) =>
  /^[A-Za-z]{4,}$/.test(text) && !/^(stride|mean|gamma|beta|invstd|momentum|slope|decay|count|mask)$/.test(text);

class Reader {
  #tokens: string[];
  #at = 0;

  constructor(line: string) {
    this.#tokens = line.match(TOKEN) ?? [];
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #skipBlanks(): void {
    while (this.#peek()?.trim() === '') this.#at++;
  }

  /** All up to a closing token, or to the end. */
  row(until: string[] = []): string {
    const parts: string[] = [];
    for (let token = this.#peek(); token !== undefined && !until.includes(token); token = this.#peek()) {
      if (token.trim() === '') {
        this.#at++;
        if (token.length > 1) parts.push('<mspace width="0.5em"/>');
      } else parts.push(this.#item());
    }
    return parts.join('');
  }

  /** A name, number or bracket with what hangs on it. */
  #item(): string {
    let made = this.#atom();
    for (;;) {
      if (this.#peek() === '[') {
        this.#at++;
        made = `<msub>${made}<mrow>${this.row([']'])}</mrow></msub>`;
        if (this.#peek() === ']') this.#at++;
      } else if (this.#peek() === '^') {
        this.#at++;
        made = `<msup>${made}<mrow>${this.#atom()}</mrow></msup>`;
      } else return made;
    }
  }

  #atom(): string {
    const token = this.#peek() ?? '';
    this.#at++;
    if (token === '(' || token === '{') {
      const inside = this.row([token === '(' ? ')' : '}']);
      if (this.#peek() === ')' || this.#peek() === '}') this.#at++;
      return token === '(' ? `<mrow><mo>(</mo>${inside}<mo>)</mo></mrow>` : `<mrow>${inside}</mrow>`;
    }
    if (token === '√') {
      const inside = this.#peek() === '(' ? this.#bracket() : this.#atom();
      return `<msqrt>${inside}</msqrt>`;
    }
    if (token === 'Σ' || token === 'max' || token === 'min') return this.#over(token);
    if (/^[\d.]/.test(token) && token !== '.') return `<mn>${token}</mn>`;
    if (/^[A-Za-zα-ωΑ-Ω∂∇_]/u.test(token)) {
      if (isWord(token)) return `<mtext>&nbsp;${escaped(token)}&nbsp;</mtext>`;
      return `<mi${UPRIGHT.test(token) || token.length > 1 ? ' mathvariant="normal"' : ''}>${escaped(token)}</mi>`;
    }
    return `<mo>${escaped(token)}</mo>`;
  }

  /** What a pair of brackets holds. */
  #bracket(): string {
    this.#at++;
    const inside = this.row([')']);
    if (this.#peek() === ')') this.#at++;
    return `<mrow>${inside}</mrow>`;
  }

  /** 'Σ over a, b of', or the sign alone. */
  #over(sign: string): string {
    const operator = sign === 'Σ' ? '<mo largeop="true">∑</mo>' : `<mo>${sign}</mo>`;
    const start = this.#at;
    this.#skipBlanks();
    if (this.#peek() !== 'over') {
      this.#at = start;
      return operator;
    }
    this.#at++;
    this.#skipBlanks();
    const indices = this.row(['of']);
    if (this.#peek() === 'of') this.#at++;
    this.#skipBlanks();
    return `<munder>${operator}<mrow>${indices}</mrow></munder>`;
  }
}

/** A formula of one line as MathML. */
export function mathml(formula: string): string {
  return `<math display="block"><mrow>${new Reader(formula).row()}</mrow></math>`;
}
