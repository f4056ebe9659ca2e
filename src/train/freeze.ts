import { BatchNorm2d } from '../nn/layers/batch_norm2d.ts';
import type { Module } from '../nn/module.ts';

/** Numbers in a model's parameters that learn, and in those that do not. */
export interface FreezeCounts {
  trainable: number;
  frozen: number;
}

/** Whether a dotted name fits a pattern, in which * stands for any characters. */
function fits(name: string, pattern: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(name);
}

/**
 * Lets the parameters learn whose names fit one of the patterns, as 'layer4.*', and freezes all others.
 * Throws RangeError for a pattern that fits no name.
 */
export function freezeAllBut(model: Module, patterns: readonly string[]): FreezeCounts {
  const named = model.namedParameters();
  const idle = patterns.find((pattern) => !named.some(([name]) => fits(name, pattern)));
  if (idle !== undefined) {
    throw new RangeError(`freezeAllBut: no parameter's name fits '${idle}'; the first is '${named[0]?.[0]}'.`);
  }
  const counts = { trainable: 0, frozen: 0 };
  for (const [name, parameter] of named) {
    parameter.requiresGrad = patterns.some((pattern) => fits(name, pattern));
    counts[parameter.requiresGrad ? 'trainable' : 'frozen'] += parameter.size;
  }
  return counts;
}

/**
 * Training mode for all but the frozen batch norms: these stay in evaluation mode, so that they neither go by the batch's statistics nor
 * let their running ones drift away from what the frozen layers after them were trained for.
 */
export function trainUnfrozen(model: Module): void {
  model.train();
  for (const [, module] of model.namedModules()) {
    if (module instanceof BatchNorm2d && module.ownParameters().every(({ requiresGrad }) => !requiresGrad))
      module.eval();
  }
}
