/** What a layer of a network gave in a watched step: an output of a module with a weight, or of a function such as ReLU. */
export interface LayerSample {
  /** Dotted name of the module, '' for the model itself, and its class. */
  name: string;
  type: string;
  /** 'weights' for the output of a module with a weight of two dimensions or more, else the function. */
  kind: 'weights' | 'relu' | 'sigmoid' | 'tanh';
  channels: number;
  /** Over all elements of the output. NaN where one of them is. */
  mean: number;
  deviation: number;
  /** Share of the channels that are 0 at every place of every image of the batch. */
  deadChannels: number;
  /** Root of the sum of the squares of the gradient of the loss with respect to the output; undefined where none came there. */
  gradientNorm?: number;
}

/** A parameter in a watched step. Norms are roots of sums of squares. */
export interface ParameterSample {
  name: string;
  /** Sizes of its dimensions. */
  shape: readonly number[];
  /** Whether it requires a gradient. */
  learns: boolean;
  /** Whether the optimizer has it. */
  optimized: boolean;
  /** Before the step. */
  weightNorm: number;
  /** As the optimizer saw it; undefined where the step gave none. */
  gradientNorm?: number;
  /** Of what the step changed. */
  updateNorm: number;
}

/** A batch norm that used its running statistics in a step that learns. */
export interface EvaluatingNorm {
  name: string;
  /** Whether its own weight or bias learns. */
  learns: boolean;
  /** Distance of a channel's mean in the batch from the running one, in running deviations; the median of the channels. */
  meanDistance: number;
  /** A channel's deviation in the batch and the running one, the larger over the smaller; the median of the channels. */
  deviationRatio: number;
}

/** All that was measured in one watched step. */
export interface StepSample {
  /** Counted from 0. */
  step: number;
  /** Learning rate of each group of the optimizer. */
  learningRates: number[];
  /** What went into the network: over all elements. */
  input?: { mean: number; deviation: number };
  /** In the order of the forward pass. */
  layers: LayerSample[];
  parameters: ParameterSample[];
  evaluatingNorms: EvaluatingNorm[];
  /** Parameters of the optimizer that held a gradient when the backward pass began: zeroGrad() was not called. */
  staleGradients: string[];
}

/** The losses of the steps since the sample before, the watched step included. */
export interface LossWindow {
  /** First and last step. */
  first: number;
  last: number;
  /** Mean of the losses that are finite; NaN where none is. */
  loss: number;
  largestLoss: number;
  /** The first step whose loss is NaN or infinite. */
  firstNonFinite?: number;
  /** Where logits and labels are given: mean cross-entropy in nats, whatever the loss, and the share of right predictions. */
  crossEntropy?: number;
  accuracy?: number;
  /**
   * How much larger an image's logit of its own label is than the mean of the others' in the batch, in units of its spread: for each batch a mean, and here
   * the sum of them, of their squares, and their number. 0 on average where the network knows nothing of what joins images and labels.
   */
  alignment?: { sum: number; squares: number; batches: number; images: number };
}

/** What a `TrainingMonitor` has seen. Plain numbers, as JSON can hold them. */
export interface TrainingHistory {
  /** Steps from one sample to the next, after the first few. */
  every: number;
  /** Whether the first step watched was the training's first. */
  fromStart: boolean;
  /** Steps in which every image is seen once; undefined where the loop did not say. */
  stepsPerEpoch?: number;
  steps: number;
  samples: StepSample[];
  windows: LossWindow[];
  /** Images seen of each class. */
  classCounts: number[];
  /** Forward passes outside of steps, without gradients, in which a batch norm or dropout was in training mode. */
  evaluationsInTrainingMode: number;
}
