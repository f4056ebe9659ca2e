import {
  type AdaptivePoolShape,
  type AvgPoolShape,
  adaptiveAvgPool,
  adaptiveAvgPoolGrad,
  avgPool,
  avgPoolGrad,
} from '../../../kernels/avg_pool.ts';
import { maxPool, maxPoolGrad, type PoolShape } from '../../../kernels/max_pool.ts';
import { type Pad2dShape, pad2d, pad2dGrad } from '../../../kernels/pad2d.ts';
import { type UpsampleShape, upsample, upsampleGrad } from '../../../kernels/upsample.ts';
import {
  adjoint,
  type Entries,
  type Expected,
  exact,
  type F32,
  image,
  type KernelCase,
  type KernelFamily,
  type Numbers,
} from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';

type Images = Pick<Pad2dShape, 'n' | 'h' | 'w' | 'c' | 'oh' | 'ow'>;

/** A linear map of images and its gradient. offset: added to y. */
function linearCase<S extends Images>(
  name: string,
  s: S,
  entries: Entries,
  kernels: { y(x: F32, s: S): F32; dx(dy: F32, s: S): F32 },
  { roundings, quick, offset }: { roundings?: number | 'none'; quick?: boolean; offset?: Numbers } = {},
): KernelCase {
  return {
    name,
    quick,
    prepare() {
      const [inputs, outputs] = [s.n * s.h * s.w * s.c, s.n * s.oh * s.ow * s.c];
      const [x, dy] = [randomValues(inputs, 1), randomValues(outputs, 2)];
      // Where the factors themselves are rounded, a small one may be the difference of larger numbers: all is measured by the largest value.
      const plain = ({ values, magnitudes, terms }: ReturnType<typeof image>): Expected => ({
        ...{ values, terms, magnitudes: typeof roundings === 'number' ? undefined : magnitudes },
      });
      const y = plain(image(entries, x, outputs));
      if (offset) y.values = Array.from(y.values, (v, i) => v + offset[i]);
      const dx = plain(adjoint(entries, dy, inputs));
      return (gpu) => [
        { name: 'y', run: () => kernels.y(gpu.upload(x, 'x'), s), ...y, roundings },
        // A sum of several even where y is a choice.
        {
          name: 'dx',
          run: () => kernels.dx(gpu.upload(dy, 'dy'), s),
          ...dx,
          roundings: roundings === 'none' ? undefined : roundings,
        },
      ];
    },
  };
}

/** Entries of a map of images that is the same for each image and channel: `taps` visits the input pixels of an output pixel. */
const eachPixel =
  (
    { n, h, w, c, oh, ow }: Images,
    taps: (r: number, q: number, visit: (h: number, w: number, factor: number) => void) => void,
  ): Entries =>
  (visit) => {
    for (let r = 0; r < oh; r++) {
      for (let q = 0; q < ow; q++) {
        taps(r, q, (ih, iw, factor) => {
          for (let image = 0; image < n; image++) {
            for (let k = 0; k < c; k++) {
              visit(((image * oh + r) * ow + q) * c + k, ((image * h + ih) * w + iw) * c + k, factor);
            }
          }
        });
      }
    }
  };

interface Pooled {
  n?: number;
  h: number;
  w: number;
  c: number;
  k: readonly [number, number];
  stride: readonly [number, number];
  pad?: readonly [number, number];
  dilation?: readonly [number, number];
  /** Whether a last window may overhang. */
  ceil?: boolean;
}

function poolShape({ n = 2, h, w, c, k, stride, pad = [0, 0], dilation = [1, 1], ceil = false }: Pooled): PoolShape {
  const along = (size: number, d: 0 | 1) => {
    const room = size + 2 * pad[d] - dilation[d] * (k[d] - 1) - 1;
    const positions = (ceil ? Math.ceil(room / stride[d]) : Math.floor(room / stride[d])) + 1;
    return (positions - 1) * stride[d] >= size + pad[d] ? positions - 1 : positions;
  };
  return {
    ...{ n, h, w, c, kh: k[0], kw: k[1], strideH: stride[0], strideW: stride[1], padH: pad[0], padW: pad[1] },
    ...{ paddedH: h + 2 * pad[0], paddedW: w + 2 * pad[1], dilationH: dilation[0], dilationW: dilation[1] },
    ...{ oh: along(h, 0), ow: along(w, 1) },
  };
}

const POOLS: readonly [string, Pooled][] = [
  ['2×2 stride 2', { h: 8, w: 8, c: 8, k: [2, 2], stride: [2, 2] }],
  ['2×2 stride 2, odd sizes, 3 channels', { h: 7, w: 5, c: 3, k: [2, 2], stride: [2, 2] }],
  ['3×3 stride 2, padding 1', { h: 9, w: 8, c: 4, k: [3, 3], stride: [2, 2], pad: [1, 1] }],
  ['3×3 stride 2, padding 1, 5 channels', { h: 9, w: 8, c: 5, k: [3, 3], stride: [2, 2], pad: [1, 1] }],
  ['3×2 stride 1 by 3', { h: 6, w: 11, c: 12, k: [3, 2], stride: [1, 3], pad: [1, 0] }],
  ['a last window that overhangs', { h: 6, w: 7, c: 4, k: [3, 3], stride: [2, 2], ceil: true }],
  ['a last window that overhangs, 1 channel', { n: 1, h: 6, w: 7, c: 1, k: [3, 3], stride: [2, 2], ceil: true }],
  ['stride wider than the window', { h: 10, w: 9, c: 4, k: [2, 2], stride: [3, 4] }],
  ['batch 1, one pixel out', { n: 1, h: 2, w: 2, c: 4, k: [2, 2], stride: [2, 2] }],
  ['CustomCNN, 64 channels', { n: 2, h: 32, w: 32, c: 64, k: [2, 2], stride: [2, 2] }],
];
const QUICK_POOLS = ['3×3 stride 2, padding 1', '3×3 stride 2, padding 1, 5 channels', 'a last window that overhangs'];

/** Calls `visit` for the pixels of a window that lie in the image, in order, each with its place in the window. */
function inWindow(s: PoolShape, r: number, q: number, visit: (h: number, w: number, place: number) => void): void {
  for (let place = 0; place < s.kh * s.kw; place++) {
    const ih = r * s.strideH + Math.floor(place / s.kw) * s.dilationH - s.padH;
    const iw = q * s.strideW + (place % s.kw) * s.dilationW - s.padW;
    if (ih >= 0 && iw >= 0 && ih < s.h && iw < s.w) visit(ih, iw, place);
  }
}

const maxCase = ([name, sizes]: readonly [string, Pooled]): KernelCase => ({
  name,
  quick: QUICK_POOLS.includes(name),
  prepare() {
    const s = poolShape(sizes);
    // Quarters give ties.
    const x = randomValues(s.n * s.h * s.w * s.c, 1).map((v) => Math.round(4 * v) / 4);
    const count = s.n * s.oh * s.ow * s.c;
    const dy = randomValues(count, 2);
    const y = new Float32Array(count).fill(Number.NEGATIVE_INFINITY);
    const winner = new Uint32Array(Math.ceil(count / 4));
    const from = new Uint32Array(count);
    for (let at = 0; at < count; at++) {
      const [c, q, r] = [at % s.c, Math.floor(at / s.c) % s.ow, Math.floor(at / (s.c * s.ow)) % s.oh];
      const n = Math.floor(at / (s.c * s.ow * s.oh));
      let best = 0;
      inWindow(s, r, q, (ih, iw, place) => {
        const i = ((n * s.h + ih) * s.w + iw) * s.c + c;
        if (x[i] <= y[at]) return;
        [y[at], from[at], best] = [x[i], i, place];
      });
      winner[at >> 2] |= best << (8 * (at % 4));
    }
    const choice: Entries = (visit) => {
      for (let at = 0; at < count; at++) visit(at, from[at], 1);
    };
    const { values, magnitudes, terms } = adjoint(choice, dy, x.length);
    return (gpu) => {
      const pooled = () => maxPool(gpu.upload(x, 'x'), s);
      const winners = gpu.upload(winner, 'winner');
      return [
        { name: 'y', run: () => pooled().y, ...exact(y) },
        // Of the last word's bytes behind the last output nothing is said: a count that is no multiple of 4 is not compared.
        ...(count % 4 === 0 ? [{ name: 'winner', run: () => pooled().winner, ...exact(winner) }] : []),
        { name: 'dx', run: () => maxPoolGrad(gpu.upload(dy, 'dy'), winners, s), values, magnitudes, terms },
      ];
    };
  },
});

export const MAX_POOL: KernelFamily = {
  kernels: 'max_pool',
  cases: [
    ...POOLS,
    ['with gaps', { h: 9, w: 10, c: 4, k: [2, 3], stride: [2, 1], pad: [1, 1], dilation: [3, 2] }] as const,
  ].map(maxCase),
};

function averageCase([name, sizes]: readonly [string, Pooled], countPadding: boolean): KernelCase {
  const s: AvgPoolShape = { ...poolShape(sizes), countPadding };
  const entries = eachPixel(s, (r, q, visit) => {
    // The window ends where the padding does; of it only what lies in the image counts where the padding does not.
    const rows = Math.min(r * s.strideH + s.kh, s.paddedH) - r * s.strideH;
    const columns = Math.min(q * s.strideW + s.kw, s.paddedW) - q * s.strideW;
    let inside = 0;
    inWindow(s, r, q, () => inside++);
    inWindow(s, r, q, (ih, iw) => visit(ih, iw, 1 / (countPadding ? rows * columns : inside)));
  });
  const how = countPadding ? 'padding counted' : 'padding not counted';
  const quick = QUICK_POOLS.includes(name);
  return linearCase(`${name}, ${how}`, s, entries, { y: avgPool, dx: avgPoolGrad }, { quick });
}

const ADAPTIVE: readonly (readonly [h: number, w: number, oh: number, ow: number, c: number])[] = [
  [7, 6, 3, 4, 3],
  [2, 3, 5, 3, 4],
  [8, 8, 4, 1, 5],
  [4, 4, 1, 1, 64],
];

function adaptiveCase([h, w, oh, ow, c]: (typeof ADAPTIVE)[number]): KernelCase {
  const s: AdaptivePoolShape = { n: 2, h, w, c, oh, ow };
  const range = (i: number, size: number, windows: number) =>
    [Math.floor((i * size) / windows), Math.ceil(((i + 1) * size) / windows)] as const;
  const entries = eachPixel(s, (r, q, visit) => {
    const [[top, bottom], [left, right]] = [range(r, h, oh), range(q, w, ow)];
    for (let ih = top; ih < bottom; ih++) {
      for (let iw = left; iw < right; iw++) visit(ih, iw, 1 / ((bottom - top) * (right - left)));
    }
  });
  const name = `adaptive, ${h}×${w} to ${oh}×${ow}, ${c} channels`;
  return linearCase(name, s, entries, { y: adaptiveAvgPool, dx: adaptiveAvgPoolGrad }, { quick: h === 7 });
}

export const AVG_POOL: KernelFamily = {
  kernels: 'avg_pool',
  cases: [
    ...POOLS.flatMap((pool) => [true, false].map((counted) => averageCase(pool, counted))),
    ...ADAPTIVE.map(adaptiveCase),
  ],
};

const PADDINGS: readonly Omit<Pad2dShape, 'n' | 'mode'>[] = [
  { h: 5, w: 6, c: 3, oh: 9, ow: 9, top: 2, left: 1 },
  { h: 4, w: 7, c: 8, oh: 4, ow: 13, top: 0, left: 5 },
  { h: 3, w: 3, c: 1, oh: 7, ow: 6, top: 2, left: 2 },
];

function padCase(sizes: (typeof PADDINGS)[number], mode: Pad2dShape['mode']): KernelCase {
  const s: Pad2dShape = { ...sizes, n: 2, mode };
  const value = mode === 'constant' ? 0.75 : 0;
  /** Where what stands at a place comes from; undefined where it is the constant. */
  const source = (place: number, size: number): number | undefined => {
    if (place >= 0 && place < size) return place;
    if (mode === 'constant') return undefined;
    if (mode === 'replicate') return place < 0 ? 0 : size - 1;
    return place < 0 ? -place : 2 * (size - 1) - place;
  };
  const from = (r: number, q: number) => [source(r - s.top, s.h), source(q - s.left, s.w)] as const;
  const entries = eachPixel(s, (r, q, visit) => {
    const [ih, iw] = from(r, q);
    if (ih !== undefined && iw !== undefined) visit(ih, iw, 1);
  });
  const offset = Array.from({ length: s.n * s.oh * s.ow * s.c }, (_, i) => {
    const pixel = Math.floor(i / s.c);
    return from(Math.floor(pixel / s.ow) % s.oh, pixel % s.ow).includes(undefined) ? value : 0;
  });
  const name = `${mode}, ${s.h}×${s.w} to ${s.oh}×${s.ow}, ${s.c} channels`;
  const kernels = { y: (x: F32) => pad2d(x, s, value), dx: pad2dGrad };
  return linearCase(name, s, entries, kernels, { roundings: 'none', offset, quick: s.h > 3 });
}

export const PAD2D: KernelFamily = {
  kernels: 'pad2d',
  cases: PADDINGS.flatMap((sizes) =>
    (['constant', 'reflect', 'replicate'] as const).map((mode) => padCase(sizes, mode)),
  ),
};

const SIZES: readonly (readonly [h: number, w: number, oh: number, ow: number, c: number])[] = [
  [3, 4, 6, 8, 3],
  [5, 3, 7, 10, 4],
  [7, 8, 3, 5, 8],
  [1, 1, 3, 2, 4],
];

function upsampleCase(
  [h, w, oh, ow, c]: (typeof SIZES)[number],
  mode: UpsampleShape['mode'],
  alignCorners: boolean,
): KernelCase {
  const scale = (size: number, out: number) =>
    Math.fround(alignCorners ? (out > 1 ? (size - 1) / (out - 1) : 0) : size / out);
  const s: UpsampleShape = { n: 2, h, w, c, oh, ow, scaleH: scale(h, oh), scaleW: scale(w, ow), mode, alignCorners };
  /** Two neighbouring old pixels and the share of the second. */
  const between = (i: number, step: number, size: number) => {
    const place = alignCorners ? i * step : Math.max((i + 0.5) * step - 0.5, 0);
    const first = Math.min(Math.floor(place), size - 1);
    return [first, Math.min(first + 1, size - 1), place - first] as const;
  };
  const entries = eachPixel(s, (r, q, visit) => {
    if (mode === 'nearest') {
      const nearest = (i: number, step: number, size: number) => Math.min(Math.floor(Math.fround(i * step)), size - 1);
      visit(nearest(r, s.scaleH, h), nearest(q, s.scaleW, w), 1);
      return;
    }
    const [[top, below, a], [left, right, b]] = [between(r, s.scaleH, h), between(q, s.scaleW, w)];
    visit(top, left, (1 - a) * (1 - b));
    visit(top, right, (1 - a) * b);
    visit(below, left, a * (1 - b));
    visit(below, right, a * b);
  });
  const name = `${mode}${alignCorners ? ', corners aligned' : ''}, ${h}×${w} to ${oh}×${ow}, ${c} channels`;
  // A place of up to 8 pixels rounds by 8 of these of a pixel, and a share with it.
  const roundings = mode === 'nearest' ? ('none' as const) : 32;
  return linearCase(name, s, entries, { y: upsample, dx: upsampleGrad }, { roundings, quick: h === 5 || h === 3 });
}

export const UPSAMPLE: KernelFamily = {
  kernels: 'upsample',
  cases: SIZES.flatMap((sizes) => [
    upsampleCase(sizes, 'nearest', false),
    upsampleCase(sizes, 'bilinear', false),
    upsampleCase(sizes, 'bilinear', true),
  ]),
};
