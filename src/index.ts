// The engine: everything that runs in a browser too.
export type { Operand } from './autograd/broadcast.ts';
export { GradcheckError, type GradcheckOptions, gradcheck } from './autograd/gradcheck.ts';
export * from './autograd/ops/arithmetic.ts';
export { channelPool2d, globalMaxPool2d } from './autograd/ops/attention_pools.ts';
export { type AvgPoolOptions, adaptiveAvgPool2d, avgPool2d } from './autograd/ops/avg_pool.ts';
export { type BatchNormOptions, batchNorm2d } from './autograd/ops/batch_norm.ts';
export { bmm } from './autograd/ops/bmm.ts';
export { cast } from './autograd/ops/cast.ts';
export * from './autograd/ops/comparison.ts';
export { type ConvTranspose2dOptions, convTranspose2d } from './autograd/ops/conv_transpose2d.ts';
export { type Conv2dOptions, conv2d } from './autograd/ops/conv2d.ts';
export { dropout, stochasticDepth } from './autograd/ops/dropout.ts';
export * from './autograd/ops/elementwise.ts';
export {
  batchHardTriplet,
  type ContrastiveOptions,
  normalizeRows,
  pairwiseDistances,
  supervisedContrastive,
  type TripletOptions,
} from './autograd/ops/embedding_losses.ts';
export { groupNorm, layerNorm, type NormOptions } from './autograd/ops/group_norm.ts';
export { indexSelect } from './autograd/ops/index_select.ts';
export { type InterpolateOptions, interpolate } from './autograd/ops/interpolate.ts';
export { linear } from './autograd/ops/linear.ts';
export { type MatmulOptions, matmul } from './autograd/ops/matmul.ts';
export { type MaxPoolOptions, maxPool2d, type PoolOptions } from './autograd/ops/max_pool.ts';
export { type NllLossOptions, nllLoss } from './autograd/ops/nll_loss.ts';
export { type Pad2dOptions, type Padding2d, pad2d } from './autograd/ops/pad2d.ts';
export * from './autograd/ops/reduce.ts';
export {
  type AvgPool1dOptions,
  avgPool1d,
  type Conv1dOptions,
  conv1d,
  type MaxPool1dOptions,
  maxPool1d,
  type Pool1dOptions,
} from './autograd/ops/sequences.ts';
export * from './autograd/ops/shape.ts';
export { concat, pad, type Range, slice } from './autograd/ops/slice.ts';
export { type CrossEntropyOptions, crossEntropy, logSoftmax, softmax } from './autograd/ops/softmax.ts';
export {
  classTerms,
  oneHot,
  type Reduction,
  type SoftmaxLossOptions,
  softmaxLoss,
  type Targets,
} from './autograd/ops/softmax_loss.ts';
export type { Size2d } from './autograd/ops/window.ts';
export { type Recorded, record } from './autograd/record.ts';
export { isGradEnabled, noGrad } from './autograd/tape.ts';
export { type BackwardRule, indices, type Shape, Tensor, tensor } from './autograd/tensor.ts';
export type { Precision } from './kernels/cast.ts';
export { clipGradNorm, clipGradValue } from './nn/clip_grad.ts';
export { GradScaler, type GradScalerOptions, type GradScalerState } from './nn/grad_scaler.ts';
export * as init from './nn/init.ts';
export { AdaptiveAvgPool2d } from './nn/layers/adaptive_avg_pool2d.ts';
export { AvgPool2d, type AvgPool2dLayerOptions } from './nn/layers/avg_pool2d.ts';
export { BatchNorm2d, type BatchNorm2dOptions } from './nn/layers/batch_norm2d.ts';
export { CBAM, type CBAMOptions, ChannelAttention, SpatialAttention } from './nn/layers/cbam.ts';
export { ConvTranspose2d, type ConvTranspose2dLayerOptions } from './nn/layers/conv_transpose2d.ts';
export { Conv2d, type Conv2dLayerOptions } from './nn/layers/conv2d.ts';
export { CosineLinear, type CosineLinearOptions } from './nn/layers/cosine_linear.ts';
export { Dropout } from './nn/layers/dropout.ts';
export { Flatten } from './nn/layers/flatten.ts';
export { GELU } from './nn/layers/gelu.ts';
export { GlobalAvgPool2d } from './nn/layers/global_avg_pool2d.ts';
export { GroupNorm, type GroupNormOptions } from './nn/layers/group_norm.ts';
export { Identity } from './nn/layers/identity.ts';
export { LayerNorm, type LayerNormOptions } from './nn/layers/layer_norm.ts';
export { LeakyReLU } from './nn/layers/leaky_relu.ts';
export { Linear, type LinearOptions } from './nn/layers/linear.ts';
export { MaxPool2d, type MaxPool2dLayerOptions } from './nn/layers/max_pool2d.ts';
export { ConstantPad2d, ReflectionPad2d, ReplicationPad2d, ZeroPad2d } from './nn/layers/pad2d.ts';
export { ReLU } from './nn/layers/relu.ts';
export { Sigmoid } from './nn/layers/sigmoid.ts';
export { SiLU } from './nn/layers/silu.ts';
export { Softmax } from './nn/layers/softmax.ts';
export { SqueezeExcitation, type SqueezeExcitationOptions } from './nn/layers/squeeze_excitation.ts';
export { StochasticDepth } from './nn/layers/stochastic_depth.ts';
export { Tanh } from './nn/layers/tanh.ts';
export { Upsample } from './nn/layers/upsample.ts';
export { BalancedSoftmaxLoss } from './nn/losses/balanced_softmax.ts';
export { ClassBalancedLoss, type ClassBalancedLossOptions } from './nn/losses/class_balanced.ts';
export { ClassTemperatureLoss, type ClassTemperatureLossOptions } from './nn/losses/class_temperatures.ts';
export { type ClassWeightsOptions, classWeights } from './nn/losses/class_weights.ts';
export { CrossEntropyLoss, type CrossEntropyLossOptions } from './nn/losses/cross_entropy.ts';
export { FocalLoss, type FocalLossOptions } from './nn/losses/focal.ts';
export {
  LabelAwareSmoothingLoss,
  type LabelAwareSmoothingLossOptions,
} from './nn/losses/label_aware_smoothing.ts';
export { LabelSmoothingLoss } from './nn/losses/label_smoothing.ts';
export { LDAMLoss, type LDAMLossOptions } from './nn/losses/ldam.ts';
export { adjustLogits, LogitAdjustmentLoss, type LogitAdjustmentLossOptions } from './nn/losses/logit_adjustment.ts';
export type { Loss } from './nn/losses/loss.ts';
export { SupervisedContrastiveLoss } from './nn/losses/supervised_contrastive.ts';
export { TripletLoss } from './nn/losses/triplet.ts';
export { AuxiliaryCNN } from './nn/models/auxiliary_cnn.ts';
export { CifarResNet, type CifarResNetDepth } from './nn/models/cifar_resnet.ts';
export { ContrastiveCNN } from './nn/models/contrastive_cnn.ts';
export { CustomCNN, type CustomCNNOptions } from './nn/models/custom_cnn.ts';
export { EfficientNetB0 } from './nn/models/efficientnet_b0.ts';
export { type ClassifierOptions, ImageClassifier } from './nn/models/image_classifier.ts';
export { createModel, MODEL_NAMES, type ModelName } from './nn/models/index.ts';
export { ResNet18 } from './nn/models/resnet18.ts';
export { ResNet34 } from './nn/models/resnet34.ts';
export { type LayerBlocks, TorchvisionResNet } from './nn/models/torchvision_resnet.ts';
export { type ForwardHook, Module, type OutputGradientHook } from './nn/module.ts';
export { ModuleList } from './nn/module_list.ts';
export {
  AnomalyError,
  detectAnomaly,
  findBadTarget,
  findNonFinite,
  findNonFiniteInStep,
  NonFinite,
} from './nn/non_finite.ts';
export { Adam, type AdamOptions } from './nn/optimizers/adam.ts';
export { AdamW } from './nn/optimizers/adamw.ts';
export {
  createOptimizer,
  OPTIMIZER_NAMES,
  type OptimizerName,
  type OptimizerSettings,
} from './nn/optimizers/index.ts';
export { Optimizer, type OptimizerState, type ParameterGroup } from './nn/optimizers/optimizer.ts';
export { RMSprop, type RMSpropOptions } from './nn/optimizers/rmsprop.ts';
export { SGD, type SGDOptions } from './nn/optimizers/sgd.ts';
export { Parameter, PersistentBuffer } from './nn/parameter.ts';
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
} from './nn/schedules/cosine_annealing_lr.ts';
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from './nn/schedules/cosine_annealing_warm_restarts.ts';
export { DeferredLR, type DeferredLROptions } from './nn/schedules/deferred_lr.ts';
export { createSchedule, SCHEDULE_NAMES, type ScheduleName, type TrainingLength } from './nn/schedules/index.ts';
export { LinearLR, type LinearLROptions } from './nn/schedules/linear_lr.ts';
export { MultiStepLR, type MultiStepLROptions } from './nn/schedules/multi_step_lr.ts';
export { OneCycleLR, type OneCycleLROptions } from './nn/schedules/one_cycle_lr.ts';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './nn/schedules/reduce_lr_on_plateau.ts';
export type { Schedule, ScheduleOptions, SchedulePeriod } from './nn/schedules/schedule.ts';
export { StepLR, type StepLROptions } from './nn/schedules/step_lr.ts';
export { Sequential } from './nn/sequential.ts';
export { type LoadResult, type StateDict, StateDictError } from './nn/state_dict.ts';
export { countParameters, formatSummary, type Summary, type SummaryRow, summarize } from './nn/summary.ts';
export { WeightsFormatError } from './nn/weights/format_error.ts';
export { downloadTensors, type HostTensor, uploadTensors } from './nn/weights/host_tensor.ts';
export { fromTorch, imagesFromTorch, toTorch } from './nn/weights/layout.ts';
export { loadPretrained } from './nn/weights/load_pretrained.ts';
export { type LoadWeightsOptions, loadWeights } from './nn/weights/load_weights.ts';
export { readWeights, type Weights } from './nn/weights/read_weights.ts';
export { readSafetensors, type SafetensorsContent, writeSafetensors } from './nn/weights/safetensors.ts';
export { writeWeights } from './nn/weights/write_weights.ts';
export type { AdapterDescription } from './runtime/adapter.ts';
export { type DeviceOptions, openDeviceOn, type Platform } from './runtime/device.ts';
export { DeviceError, HalfPrecisionError, OutOfMemoryError, ShaderError, ShapeError } from './runtime/errors.ts';
export type { DeviceArray, Dispatch, Gpu } from './runtime/gpu.ts';
export type { GpuOptions } from './runtime/gpu_options.ts';
export { Philox } from './runtime/philox.ts';
export type { AddShaderOptions, ShaderInterface } from './runtime/shader.ts';
