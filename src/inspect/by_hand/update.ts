import type { ShownStep, ShownWeight } from '../shown_step.ts';
import { constant, exact, minus, over, plus, type Rounded, root, times } from './rounded.ts';

/** A line of an update: what is computed, how, and what comes out, in float64 from the device's numbers before the step. */
export interface UpdateLine {
  name: string;
  formula: string;
  value: number;
  /** What the device has for it, where it keeps it. */
  device?: number;
  /** How far rounding to float32 may lead the device from the value. */
  bound: number;
}

/** How the optimizer came from a weight and its gradient to the weight after the step. Undefined for optimizers that are not taken apart. */
export function updateByHand({ record }: ShownStep, weight: ShownWeight, stepsDone: number): UpdateLine[] | undefined {
  const { type, hyperparameters } = record.optimizer;
  const rule = RULES[type];
  return rule?.(weight, hyperparameters as Record<string, never>, stepsDone);
}

type Rule = (weight: ShownWeight, h: Record<string, never>, stepsDone: number) => UpdateLine[];

function line(name: string, formula: string, { value, error }: Rounded, device?: number): UpdateLine {
  return { name, formula, value, ...(device !== undefined && { device }), bound: error };
}

/** The gradient, with the pull towards 0 where that is a part of it. */
function pulled({ gradient, before }: ShownWeight, weightDecay: number): { g: Rounded; first: UpdateLine } {
  const own = exact(gradient);
  const g = weightDecay === 0 ? own : plus(own, times(constant(weightDecay), exact(before)));
  return { g, first: line('g', weightDecay === 0 ? 'gradient' : 'gradient + weightDecay · w', g) };
}

/** A running mean: decay · before + (1 − decay) · now. */
function running(decay: number, before: number | undefined, now: Rounded): Rounded {
  return plus(times(constant(decay), exact(before ?? 0)), times(constant(1 - decay), now));
}

function adam(decoupled: boolean): Rule {
  return (weight, { lr, betas, eps, weightDecay }, stepsDone) => {
    const { before, after, kept } = weight;
    const [beta1, beta2] = betas as [number, number];
    const t = stepsDone + 1;
    const { g, first } = pulled(weight, decoupled ? 0 : weightDecay);
    const m = running(beta1, kept.exp_avg.before, g);
    const v = running(beta2, kept.exp_avg_sq.before, times(g, g));
    const [mHat, vHat] = [over(m, constant(1 - beta1 ** t)), over(v, constant(1 - beta2 ** t))];
    const own = decoupled ? times(exact(before), constant(1 - lr * weightDecay)) : exact(before);
    const w = minus(own, over(times(constant(lr), mHat), plus(root(vHat), constant(eps))));
    return [
      first,
      line('m', 'β₁ · m + (1 − β₁) · g', m, kept.exp_avg.after),
      line('v', 'β₂ · v + (1 − β₂) · g²', v, kept.exp_avg_sq.after),
      line('m̂', `m / (1 − β₁^${t})`, mHat),
      line('v̂', `v / (1 − β₂^${t})`, vHat),
      line('w', `${decoupled ? 'w · (1 − lr · weightDecay)' : 'w'} − lr · m̂ / (√v̂ + ε)`, w, after),
    ];
  };
}

const sgd: Rule = (weight, { lr, momentum, weightDecay, nesterov }) => {
  const { before, after, kept } = weight;
  const { g, first } = pulled(weight, weightDecay);
  const stepped = (direction: Rounded) => minus(exact(before), times(constant(lr), direction));
  if (momentum === 0) return [first, line('w', 'w − lr · g', stepped(g), after)];
  const was = kept.momentum_buffer.before;
  const v = was === undefined ? g : plus(times(constant(momentum), exact(was)), g);
  const direction = nesterov ? plus(g, times(constant(momentum), v)) : v;
  return [
    first,
    line('v', was === undefined ? 'g' : 'momentum · v + g', v, kept.momentum_buffer.after),
    line('w', nesterov ? 'w − lr · (g + momentum · v)' : 'w − lr · v', stepped(direction), after),
  ];
};

const rmsprop: Rule = (weight, { lr, alpha, eps, momentum, weightDecay, centered }) => {
  const { before, after, kept } = weight;
  const { g, first } = pulled(weight, weightDecay);
  const s = running(alpha, kept.square_avg.before, times(g, g));
  const a = centered ? running(alpha, kept.grad_avg.before, g) : undefined;
  const scaled = over(g, plus(root(a ? minus(s, times(a, a)) : s), constant(eps)));
  const b = momentum > 0 ? plus(times(constant(momentum), exact(kept.momentum_buffer.before ?? 0)), scaled) : scaled;
  const formula = `${momentum > 0 ? 'momentum · b + ' : ''}g / (√${a ? '(s − a²)' : 's'} + ε)`;
  return [
    first,
    line('s', 'α · s + (1 − α) · g²', s, kept.square_avg.after),
    ...(a ? [line('a', 'α · a + (1 − α) · g', a, kept.grad_avg.after)] : []),
    line('b', formula, b, momentum > 0 ? kept.momentum_buffer.after : undefined),
    line('w', 'w − lr · b', minus(exact(before), times(constant(lr), b)), after),
  ];
};

const RULES: Readonly<Record<string, Rule>> = { Adam: adam(false), AdamW: adam(true), SGD: sgd, RMSprop: rmsprop };
