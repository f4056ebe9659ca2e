// An experiment of one's own: three losses, three seeds each, on the lab's long tail; table, figure and report in runs/<time>-smoke.
import { add, crossEntropy, mean, mul, oneHot, scale, softmax, type Tensor } from 'wgrad';
import * as lab from 'wgrad/lab';

/** Poly-1: cross-entropy + 2 (1 − p of the label); the constant changes no gradient. Source: Leng et al., "PolyLoss", ICLR 2022. */
const poly1: lab.Own<'loss'> = {
  name: 'poly-1',
  build: () => ({
    call(logits, labels) {
      const ofLabel = mul(softmax(logits), oneHot(labels as Tensor<'u32'>, 10)); // [N, 10]
      return add(crossEntropy(logits, labels as Tensor<'u32'>), scale(mean(ofLabel), -2 * 10));
    },
  }),
};

const losses: lab.Experiment = {
  id: 'losses',
  title: 'Three losses',
  question: 'Does Poly-1 help on the long tail?',
  async run(context) {
    const base = lab.baseRecipe(context.configuration, 'ps4');
    const compared = await lab.compareTrainings(context, [
      { name: 'cross-entropy', recipe: base },
      { name: 'focal', recipe: { ...base, loss: 'focal' } },
      { name: 'Poly-1', recipe: { ...base, loss: poly1 } },
    ]);
    const rows = compared.map(({ name, trained }) => ({ name, scores: trained.scores }));
    const figure = await context.figure(lab.metricBars({ ...lab.scoreMatrix(rows), name: 'losses', title: 'Losses' }));
    const findings = [...lab.bestFinding(compared, 'f1', 'of them'), lab.caveat(context)];
    const section = [lab.scoreTable('Means over three seeds.', compared), figure, ...findings];
    return { results: lab.comparisonResults(compared), section };
  },
};

const [out = 'runs', epochs = '8'] = process.argv.slice(2);
process.exitCode = await lab.runLab({ preset: 'smoke', epochs: Number(epochs), seeds: 3, data: 'mnist', out }, [
  losses,
]);
