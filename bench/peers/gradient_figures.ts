/** Two figures of a gradient: its length, and a sum with weights that change from element to element, so that none may stand elsewhere. */
export type GradientFigures = readonly [norm: number, weighted: number];

/** Figures by the names of the parameters. */
export type Gradients = Readonly<Record<string, GradientFigures>>;

/** values: in PyTorch's layout, as torch_system.py has them. */
export function gradientFigures(values: ArrayLike<number>): GradientFigures {
  let [squares, weighted] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    squares += values[i] ** 2;
    weighted += values[i] * Math.cos(i);
  }
  return [Math.sqrt(squares), weighted];
}

/**
 * What of two systems' gradients is farthest apart, relative to the length of the parameter's gradient, or to a thousandth of the longest: a bias before a
 * normalisation has a gradient of rounding alone.
 */
export function gradientsApart(found: Gradients, expected: Gradients): { apart: number; name: string } {
  const longest = Math.max(...Object.values(expected).map(([norm]) => norm));
  let worst = { apart: 0, name: '' };
  for (const [name, own] of Object.entries(expected)) {
    const others = found[name] ?? [Number.NaN, Number.NaN];
    const scale = Math.max(own[0], longest / 1000);
    const apart = Math.max(...own.map((figure, i) => Math.abs(figure - others[i]))) / scale;
    if (!(apart <= worst.apart)) worst = { apart, name };
  }
  return worst;
}
