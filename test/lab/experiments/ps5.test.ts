import { describe, expect, it } from 'vitest';
import { BatchSource } from '../../../src/data/batch_source.ts';
import { ps5 } from '../../../src/lab/experiments/ps5.ts';
import { classFindings, embeddingFindings, networkFindings } from '../../../src/lab/experiments/ps5_findings.ts';
import type { Figure } from '../../../src/lab/plots/index.ts';
import { configure } from '../../../src/lab/run/configuration.ts';
import type { LabContext } from '../../../src/lab/run/experiment.ts';
import type { Module } from '../../../src/nn/module.ts';
import { evaluate } from '../../../src/train/evaluation.ts';
import { train } from '../../../src/train/trainer.ts';
import { useGpu } from '../../gpu.ts';
import { tinyDataset, tinyTraining } from '../../train/tiny_training.ts';
import { expectWholeFigure } from '../plots/read_figure.ts';

const held = useGpu();

/** What the experiment asks of a run, over a network of seconds; `figures` gathers what it draws. */
async function tinyContext(figures: Figure[]): Promise<LabContext> {
  const { gpu } = held;
  const dataset = tinyDataset(44, 40);
  const test = new BatchSource(gpu, dataset, dataset.test);
  const task = tinyTraining(gpu, { epochs: 6 });
  await train(task);
  const evaluation = await evaluate({ gpu, model: task.model, source: test, batchSize: 20 });
  const configuration = configure('smoke', { data: 'cifar10', seed: 42 });
  const { classNames } = dataset;
  return {
    ...{ gpu, dataset, signal: new AbortController().signal },
    configuration: { ...configuration, features: { images: 36, tsneIterations: 60, umapEpochs: 30 } },
    data: {
      ...{ classNames, test, classes: 4, counts: [20, 12, 8, 4] },
      testPositions: Uint32Array.from({ length: 40 }, (_, i) => i),
    },
    trained: async (recipe: { model: string }) => ({
      key: recipe.model,
      withModel: async (work: (model: Module) => unknown) => work(task.model),
      evaluation,
    }),
    figure: async (figure: Figure) => {
      figures.push(figure);
      return { kind: 'figure', name: figure.name, title: figure.title, caption: figure.caption };
    },
  } as unknown as LabContext;
}

describe('ps5', () => {
  it('maps and measures the features of three networks and shows where they look', async () => {
    const figures: Figure[] = [];
    const { results, section } = await ps5.run(await tinyContext(figures));
    expect(figures.map(({ name }) => name)).toEqual([
      'tsne',
      'pca',
      'umap',
      'grad_cam_customcnn',
      'grad_cam_resnet_18',
      'grad_cam_efficientnet_b0',
    ]);
    for (const figure of figures) expectWholeFigure(figure);
    const shares = results.embeddings as Record<string, Record<string, number>>;
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const { explainedVarianceRatio1, explainedVarianceRatio2 } = shares.pca;
    expect(figures[1].title).toContain(`${percent(explainedVarianceRatio1 + explainedVarianceRatio2)} of the variance`);
    expect(figures[1].svg).toContain(`PC 1 (${percent(explainedVarianceRatio1)} of the variance)`);

    expect(results.images).toBe(36);
    const networks = results.networks as Record<string, { silhouette: number; dimensions: number }>;
    expect(Object.keys(networks)).toEqual(['CustomCNN', 'ResNet-18', 'EfficientNet-B0']);
    // A network that has learnt the four quarters.
    expect(networks.CustomCNN.silhouette).toBeGreaterThan(0.1);
    expect(networks.CustomCNN.dimensions).toBe(32);
    const perClass = results.perClass as { samples: number }[];
    expect(perClass.map(({ samples }) => samples)).toEqual([9, 9, 9, 9]);
    const { images } = (results.gradCam as Record<string, { images: { label: number; position: number }[] }>).CustomCNN;
    // Two images of each of the four classes.
    expect(images.map(({ label }) => label)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(images.map(({ position }) => position)).toEqual([0, 4, 1, 5, 2, 6, 3, 7]);
    expect(JSON.parse(JSON.stringify(results))).toEqual(results);
    const kinds = section.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'table')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'finding').length).toBeGreaterThanOrEqual(5);
  });

  it('hears of a stop while it measures and draws, and goes no further', async () => {
    const figures: Figure[] = [];
    const controller = new AbortController();
    const context = await tinyContext(figures);
    const { figure } = context;
    const stopped = ps5.run({
      ...context,
      signal: controller.signal,
      figure(one) {
        // As a signal of the process: when it next looks at the world outside.
        setImmediate(() => controller.abort());
        return figure(one);
      },
    });
    await expect(stopped).rejects.toHaveProperty('name', 'AbortError');
    expect(figures.map(({ name }) => name)).toEqual(['tsne']);
  });
});

describe('findings of ps5', () => {
  const study = (name: string, silhouette: number, daviesBouldin: number, calinskiHarabasz: number) =>
    ({ name, quality: { silhouette, daviesBouldin, calinskiHarabasz } }) as Parameters<typeof networkFindings>[0][0];
  const text = (blocks: ReturnType<typeof networkFindings>) =>
    blocks.map((block) => ('text' in block ? block.text : ''));

  it('name the network whose features separate the classes best, and what the other scores say', () => {
    const [a, b, c] = [study('A', -0.1, 3, 10), study('B', 0.2, 2, 30), study('C', 0.1, 4, 20)];
    expect(text(networkFindings([a, b, c]))).toEqual([
      'By silhouette the features of B separate the classes best: 0.200 against 0.100 (C) and −0.100 (A). Davies–Bouldin and Calinski–Harabasz agree.',
    ]);
    expect(text(networkFindings([a, study('B', 0.2, 5, 30)]))).toEqual([
      'By silhouette the features of B separate the classes best: 0.200 against −0.100 (A). Davies–Bouldin favours A.',
    ]);
    expect(networkFindings([a])).toEqual([]);
  });

  it('say which class lies apart, how rare ones do, and what the closest two are taken for', () => {
    const context = { data: { classNames: ['ant', 'bee', 'cow'], classes: 3, counts: [5, 50, 500] } } as unknown;
    const own = {
      ...study('A', 0, 0, 0),
      features: { values: Float32Array.of(0, 0, 1, 1, 9, 9), dimensions: 1, labels: Uint8Array.of(0, 0, 1, 1, 2, 2) },
      trained: {
        evaluation: {
          metrics: {
            confusion: [
              [3, 1, 0],
              [0, 2, 2],
              [0, 0, 4],
            ],
          },
        },
      },
    } as unknown as Parameters<typeof classFindings>[1];
    const one = (silhouette: number) => ({ samples: 2, normOfMean: 1, spread: 1, silhouette });
    expect(text(classFindings(context as LabContext, own, [one(0.25), one(-0.5), one(0.75)]))).toEqual([
      'Among the features of A, cow lies best apart (silhouette 0.750) and bee worst (−0.500).',
      'The class with the most training images has a mean silhouette of 0.750, the one with the fewest 0.250: rare classes lie less apart.',
      'The means of ant and bee lie closest; the network takes ant for bee in 25.0 % of its test images, and bee for ant in 0.0 %.',
    ]);
  });

  it('name the map that keeps neighbourhoods best', () => {
    const map = (id: string, trust: number) => ({ id, trust }) as Parameters<typeof embeddingFindings>[0][0];
    expect(text(embeddingFindings([map('tsne', 0.9), map('pca', 0.8), map('umap', 0.95)]))).toEqual([
      'Of the maps, UMAP keeps neighbourhoods best: trustworthiness 0.950 against 0.900 (t-SNE) and 0.800 (PCA).',
    ]);
  });
});
