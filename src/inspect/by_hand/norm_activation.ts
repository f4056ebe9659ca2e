import type { Followed, NormActivation } from '../../kernels/batch_norm.ts';

/** A function that a batch norm takes along, in float64. */
export interface FollowingFunction {
  /** How it is written: 'max(0, v)'. */
  formula: string;
  of(v: number): number;
  slope(v: number): number;
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

const FUNCTIONS: Readonly<Partial<Record<NormActivation, (slope: number) => FollowingFunction>>> = {
  relu: () => ({ formula: 'max(0, v)', of: (v) => Math.max(0, v), slope: (v) => (v > 0 ? 1 : 0) }),
  silu: () => ({
    formula: 'v / (1 + exp(−v))',
    of: (v) => v * sigmoid(v),
    slope: (v) => sigmoid(v) * (1 + v * (1 - sigmoid(v))),
  }),
  'leaky-relu': (slope) => ({
    formula: `v where v > 0, else ${slope} · v`,
    of: (v) => (v > 0 ? v : slope * v),
    slope: (v) => (v > 0 ? 1 : slope),
  }),
};

/** What follows in a batch norm's pass: undefined where nothing does, null where it is not said here. */
export function followingFunction({ activation, slope = 0.01 }: Followed): FollowingFunction | undefined | null {
  return activation === undefined ? undefined : (FUNCTIONS[activation]?.(slope) ?? null);
}
