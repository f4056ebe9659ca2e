import {
  batchHardTriplet,
  batchHardTripletGrad,
  normalizeRows,
  normalizeRowsGrad,
  pairwiseDistances,
  pairwiseDistancesGrad,
  supervisedContrastive,
  supervisedContrastiveGrad,
} from '../../../kernels/embedding_losses.ts';
import type { KernelCase, KernelFamily } from '../kernel_case.ts';
import { randomValues } from '../random_values.ts';
import { rowsOf, sumOf } from './rows.ts';

const distanceCase = ([rows, columns]: readonly [number, number]): KernelCase => ({
  name: `lengths and distances of ${rows} rows of ${columns}`,
  quick: true,
  prepare() {
    const [x, dy] = [randomValues(rows * columns, 1), randomValues(rows * columns, 2)];
    const ddistance = randomValues(rows * rows, 3);
    const [own, given] = [rowsOf(x, { rows, classes: columns }), rowsOf(dy, { rows, classes: columns })];
    const norm = own.map((row) => Math.hypot(...row));
    const y = own.flatMap((row, r) => row.map((v) => v / norm[r]));
    const dx = own.flatMap((row, r) => {
      const along = row.reduce((sum, v, c) => sum + (v / norm[r]) * given[r][c], 0);
      return row.map((v, c) => (given[r][c] - (v / norm[r]) * along) / norm[r]);
    });
    const distances = own.flatMap((a) => own.map((b) => Math.hypot(...a.map((v, d) => v - b[d]))));
    const dpoints = own.flatMap((a, i) =>
      a.map((v, d) =>
        own.reduce((sum, b, j) => {
          const given = ddistance[i * rows + j] + ddistance[j * rows + i];
          return i === j ? sum : sum + (given * (v - b[d])) / distances[i * rows + j];
        }, 0),
      ),
    );
    const of = (values: readonly number[], terms = columns) => ({ values, terms, roundings: 40 });
    return (gpu) => {
      const s = { rows, columns };
      const [gx, gy, gn, gd] = [x, y, norm, distances].map((v) => gpu.upload(Float32Array.from(v), 'check'));
      const gradient = () => normalizeRowsGrad(gpu.upload(dy, 'dy'), gy, gn, s);
      const back = () => pairwiseDistancesGrad(gpu.upload(ddistance, 'dy'), gd, gx, s);
      return [
        { name: 'y', run: () => normalizeRows(gx, s).y, ...of(y) },
        { name: 'norm', run: () => normalizeRows(gx, s).norm, ...of(norm) },
        { name: 'dx of y', run: gradient, ...of(dx) },
        { name: 'distances', run: () => pairwiseDistances(gx, s), ...of(distances) },
        { name: 'dx of distances', run: back, ...of(dpoints, rows) },
      ];
    };
  },
});

/** Losses of pairs: of the distances as triplets, of the similarities as contrasts. */
const pairsCase = (rows: number): KernelCase => ({
  name: `losses of the pairs of ${rows} samples`,
  quick: true,
  prepare() {
    const [x, dloss] = [randomValues(rows * rows, 1), randomValues(rows, 2)];
    const labels = Uint32Array.from({ length: rows }, (_, i) => (i === 2 ? 9 : i % 3));
    const [margin, temperature, factor] = [0.4, 0.5, 0.5];
    const all = [...labels.keys()];
    const ofRow = (i: number) => rowsOf(x, { rows, classes: rows })[i];
    const triplets = all.map((i) => {
      const row = ofRow(i);
      const pick = (partners: number[], better: (a: number, b: number) => boolean) =>
        partners.reduce((best, j) => (best < 0 || better(row[j], row[best]) ? j : best), -1);
      const far = pick(
        all.filter((j) => j !== i && labels[j] === labels[i]),
        (a, b) => a > b,
      );
      const near = pick(
        all.filter((j) => labels[j] !== labels[i]),
        (a, b) => a < b,
      );
      const loss = far < 0 || near < 0 ? 0 : Math.max(0, margin + row[far] - row[near]);
      return { far, near, loss };
    });
    const contrasts = all.map((i) => {
      const z = ofRow(i).map((v) => v / temperature);
      const positives = all.filter((j) => j !== i && labels[j] === labels[i]);
      const others = all.filter((j) => j !== i);
      const logSum = Math.log(sumOf(others.map((j) => Math.exp(z[j]))));
      if (positives.length === 0) return { loss: 0, dx: all.map(() => 0) };
      const loss = logSum - sumOf(positives.map((j) => z[j])) / positives.length;
      const dx = all.map((j) =>
        j === i ? 0 : (Math.exp(z[j] - logSum) - Number(positives.includes(j)) / positives.length) / temperature,
      );
      return { loss, dx };
    });
    const dtriplet = triplets.flatMap(({ far, near, loss }, i) =>
      all.map((j) => (loss > 0 ? dloss[i] * factor * (Number(j === far) - Number(j === near)) : 0)),
    );
    const dcontrast = contrasts.flatMap(({ dx }, i) => dx.map((v) => v * dloss[i] * factor));
    const of = (values: readonly number[]) => ({ values, terms: rows, roundings: 60 });
    return (gpu) => {
      const [gx, gl] = [gpu.upload(x, 'x'), gpu.upload(labels, 'labels')];
      const given = () => gpu.upload(dloss, 'dloss');
      const triplet = () => batchHardTriplet(gx, gl, { rows, margin });
      const contrast = () => supervisedContrastive(gx, gl, { rows, temperature });
      return [
        { name: 'triplets', run: () => triplet().loss, ...of(triplets.map(({ loss }) => loss)) },
        {
          name: 'dx of triplets',
          run: () => batchHardTripletGrad(given(), triplet().partners, { rows, factor }),
          ...of(dtriplet),
        },
        { name: 'contrasts', run: () => contrast().loss, ...of(contrasts.map(({ loss }) => loss)) },
        {
          name: 'dx of contrasts',
          run: () => supervisedContrastiveGrad(given(), gx, gl, contrast().kept, { rows, temperature, factor }),
          ...of(dcontrast),
        },
      ];
    };
  },
});

export const EMBEDDING_LOSSES: KernelFamily = {
  kernels: 'embedding_losses',
  cases: [
    ...(
      [
        [2, 1],
        [7, 5],
        [70, 16],
      ] as const
    ).map(distanceCase),
    ...[3, 20, 70].map(pairsCase),
  ],
};
