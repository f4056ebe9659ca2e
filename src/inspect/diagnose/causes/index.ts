import type { Cause } from '../cause.ts';
import { batchNormMode } from './batch_norm_mode.ts';
import { deadRelus } from './dead_relus.ts';
import { explodingGradients } from './exploding_gradients.ts';
import { forgottenZeroGrad } from './forgotten_zero_grad.ts';
import { frozenParameters } from './frozen_parameters.ts';
import { initialScale } from './initial_scale.ts';
import { learningRateTooLarge } from './learning_rate_too_large.ts';
import { learningRateTooSmall } from './learning_rate_too_small.ts';
import { nonFiniteStart } from './non_finite_start.ts';
import { saturation } from './saturation.ts';
import { shuffledLabels } from './shuffled_labels.ts';
import { unnormalisedInput } from './unnormalised_input.ts';
import { unusedParameters } from './unused_parameters.ts';
import { vanishingGradients } from './vanishing_gradients.ts';
import { zeroInitialisation } from './zero_initialisation.ts';

/** All causes, each before what may follow from it: first how the loop is written, then what the first step begins with, then how it goes on. */
export const CAUSES: readonly Cause[] = [
  nonFiniteStart,
  forgottenZeroGrad,
  batchNormMode,
  unusedParameters,
  frozenParameters,
  unnormalisedInput,
  zeroInitialisation,
  saturation,
  initialScale,
  explodingGradients,
  learningRateTooLarge,
  deadRelus,
  vanishingGradients,
  learningRateTooSmall,
  shuffledLabels,
];
