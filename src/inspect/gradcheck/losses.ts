import { indices, type Tensor } from '../../autograd/tensor.ts';
import * as nn from '../../index.ts';
import type { GradcheckCase } from './gradcheck_case.ts';

/** Training samples of each class, for the losses that must know them. */
const COUNTS = [100, 40, 10, 3];

const loss = (name: string, make: () => nn.Loss): GradcheckCase => ({
  ...{ name, names: ['logits'], inputs: [[5, 4]] },
  f: (logits) => make().call(logits, indices(logits.gpu, [2, 0, 3, 1, 2])),
});

const ofEmbeddings = (
  name: string,
  call: (embeddings: Tensor, labels: Tensor<'u32'>) => Tensor,
  options: nn.GradcheckOptions,
): GradcheckCase => ({
  ...{ name, names: ['embeddings'], inputs: [[6, 4]], options },
  f: (embeddings) => call(embeddings, indices(embeddings.gpu, [0, 1, 0, 1, 2, 2])),
});

/** A case for each loss, by the name of its class. */
export const LOSSES: readonly GradcheckCase[] = [
  loss('CrossEntropyLoss', () => new nn.CrossEntropyLoss()),
  loss('FocalLoss', () => new nn.FocalLoss({ gamma: 2 })),
  loss('ClassBalancedLoss', () => new nn.ClassBalancedLoss(COUNTS)),
  loss('LabelSmoothingLoss', () => new nn.LabelSmoothingLoss(0.1)),
  loss('BalancedSoftmaxLoss', () => new nn.BalancedSoftmaxLoss(COUNTS)),
  loss('LogitAdjustmentLoss', () => new nn.LogitAdjustmentLoss(COUNTS)),
  loss('ClassTemperatureLoss', () => new nn.ClassTemperatureLoss(COUNTS, { gamma: 0.4 })),
  loss('LabelAwareSmoothingLoss', () => new nn.LabelAwareSmoothingLoss(COUNTS)),
  loss('LDAMLoss', () => new nn.LDAMLoss(COUNTS, { scale: 4 })),
  ofEmbeddings('TripletLoss', (x, labels) => new nn.TripletLoss({ margin: 1 }).call(x, labels), {
    ...{ step: 2e-3, absolute: 3e-3 },
  }),
  ofEmbeddings(
    'SupervisedContrastiveLoss',
    (x, labels) => new nn.SupervisedContrastiveLoss({ temperature: 0.5 }).call(x, labels),
    { step: 5e-3, absolute: 3e-3 },
  ),
];
