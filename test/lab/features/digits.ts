import { readFileSync } from 'node:fs';

interface Golden {
  /** Letters, a for 0 to q for 16. */
  features: string;
  labels: number[];
  perplexity: number;
  neighbours: number;
  divergence: number;
  trustworthiness: number;
  affinities: number[];
  scattered: number[];
  scatteredTrustworthiness: Record<string, number>;
}

/** What scikit-learn makes of 300 of its digits, and the digits. */
export const digitsGolden: Golden = JSON.parse(
  readFileSync(new URL('../../fixtures/features/tsne.json', import.meta.url), 'utf8'),
);

export const digits = {
  /** [300, 64] */
  features: Float32Array.from(digitsGolden.features, (letter) => letter.charCodeAt(0) - 'a'.charCodeAt(0)),
  dimensions: 64,
  labels: digitsGolden.labels,
};
