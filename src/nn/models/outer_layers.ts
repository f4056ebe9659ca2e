import { Conv2d } from '../layers/conv2d.ts';
import { Linear } from '../layers/linear.ts';
import type { Module } from '../module.ts';

/** The layers of a classifier that its images and classes decide, with their dotted names. */
export interface OuterLayers {
  /** The first convolution, whose channels are those of the images. */
  first: readonly [name: string, layer: Conv2d];
  /** The last linear layer, whose outputs are the classes. */
  last: readonly [name: string, layer: Linear];
}

/** The first convolution and the last linear layer of a network. Throws TypeError where there is none. */
export function outerLayers(model: Module): OuterLayers {
  const modules = model.namedModules();
  const first = modules.find((named): named is [string, Conv2d] => named[1] instanceof Conv2d);
  if (first === undefined) throw new TypeError(`A ${model.constructor.name} has no first convolution.`);
  return { first, last: lastLinear(model) };
}

/** The last linear layer of a network, with its dotted name. Throws TypeError where there is none. */
export function lastLinear(model: Module): OuterLayers['last'] {
  const last = model.namedModules().findLast((named): named is [string, Linear] => named[1] instanceof Linear);
  if (last === undefined) throw new TypeError(`A ${model.constructor.name} has no last linear layer.`);
  return last;
}
