import { BatchNorm2d } from '../nn/layers/batch_norm2d.ts';
import { outerLayers } from '../nn/models/outer_layers.ts';
import type { Module } from '../nn/module.ts';
import type { Hyperparameters, ParameterGroup } from '../nn/optimizers/optimizer.ts';
import type { Parameter } from '../nn/parameter.ts';

/** Numbers in a model's parameters that learn, and in those that do not. */
export interface FreezeCounts {
  trainable: number;
  frozen: number;
}

/** The word for all parameters but those of the last linear layer, among the patterns of `freezeMatching`. */
const FEATURES = 'features';

/** Whether a pattern, in which * stands for any characters, is of a dotted name or of one of the modules that hold it. */
function fits(name: string, pattern: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}(\\..*)?$`).test(name);
}

/** The first of some patterns that fits no parameter's name, 'features' apart. */
export function idlePattern(model: Module, patterns: readonly string[]): string | undefined {
  const names = model.namedParameters().map(([name]) => name);
  return patterns.find((pattern) => pattern !== FEATURES && !names.some((name) => fits(name, pattern)));
}

function checkPatterns(what: string, model: Module, patterns: readonly string[]): void {
  const idle = idlePattern(model, patterns);
  if (idle === undefined) return;
  const [[first]] = model.namedParameters();
  throw new RangeError(`${what}: no parameter's name fits '${idle}'; the first is '${first}'.`);
}

function setLearning(model: Module, learns: (name: string) => boolean): FreezeCounts {
  const counts = { trainable: 0, frozen: 0 };
  for (const [name, parameter] of model.namedParameters()) {
    parameter.requiresGrad = learns(name);
    counts[parameter.requiresGrad ? 'trainable' : 'frozen'] += parameter.size;
  }
  return counts;
}

/**
 * Lets the parameters learn whose names fit one of the patterns, as 'layer4' or 'layer4.*.conv1', and freezes all others.
 * Throws RangeError for a pattern that fits no name.
 */
export function freezeAllBut(model: Module, patterns: readonly string[]): FreezeCounts {
  checkPatterns('freezeAllBut', model, patterns);
  return setLearning(model, (name) => patterns.some((pattern) => fits(name, pattern)));
}

/**
 * Freezes the parameters whose names fit one of the patterns, and lets all others learn. The pattern 'features' is all but the last linear layer.
 * Throws RangeError for a pattern that fits no name.
 */
export function freezeMatching(model: Module, patterns: readonly string[]): FreezeCounts {
  checkPatterns('freezeMatching', model, patterns);
  const others = patterns.filter((pattern) => pattern !== FEATURES);
  const head = others.length < patterns.length ? outerLayers(model).last[0] : undefined;
  const isFeature = (name: string) => head !== undefined && !fits(name, head);
  return setLearning(model, (name) => !isFeature(name) && !others.some((pattern) => fits(name, pattern)));
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

/** The parameters of a model that learn: what its optimizer is to change. */
export function learningParameters(model: Module): Parameter[] {
  return model.parameters().filter(({ requiresGrad }) => requiresGrad);
}

/**
 * The parameters of a model that learn, those of its last linear layer in a group of their own with this learning rate; no group is empty. The others'
 * is the optimizer's.
 */
export function headGroups(model: Module, headLr: number): ParameterGroup<Hyperparameters>[] {
  const own = new Set(outerLayers(model).last[1].ownParameters());
  const learning = learningParameters(model);
  const features = learning.filter((parameter) => !own.has(parameter));
  const head = learning.filter((parameter) => own.has(parameter));
  return [{ parameters: features }, { parameters: head, lr: headLr }].filter(({ parameters }) => parameters.length > 0);
}
