import { CrossEntropyLoss, type CrossEntropyLossOptions } from './cross_entropy.ts';

/**
 * Cross-entropy against targets of which a share is spread evenly over all classes, the right one included: CrossEntropyLoss with
 * labelSmoothing = share.
 * share: 0 to 1. Default 0.1. Throws RangeError outside.
 * Source: Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR 2016.
 */
export class LabelSmoothingLoss extends CrossEntropyLoss {
  constructor(share = 0.1, options: Omit<CrossEntropyLossOptions, 'labelSmoothing'> = {}) {
    super({ ...options, labelSmoothing: share });
  }
}
