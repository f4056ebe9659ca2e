import type { Augmentation } from '../../data/augmentation/index.ts';
import type { SampledSet, Sampler } from '../../data/samplers/sampler.ts';
import type { LossSetting } from '../../nn/losses/index.ts';
import type { Loss } from '../../nn/losses/loss.ts';
import type { Module } from '../../nn/module.ts';
import type { Optimizer } from '../../nn/optimizers/optimizer.ts';
import type { Parameter } from '../../nn/parameter.ts';
import type { TrainingLength } from '../../nn/schedules/index.ts';
import type { Schedule } from '../../nn/schedules/schedule.ts';
import { UserError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Recipe } from '../../train/recipe.ts';
import { RECIPE_FIELDS } from '../../train/recipe_fields.ts';

/** The images that a network is built for. */
export interface ImageSetting {
  classes: number;
  /** Of the images. */
  channels: number;
  /** Height and width. */
  imageSize: number;
}

/**
 * How parts of one's own are built; each is told the recipe, whose seed differs where a training is repeated.
 */
export interface OwnBuilders {
  /** A network from images [N, H, W, C] to logits [N, classes]; an `ImageClassifier` where its features are to be looked at. */
  model(gpu: Gpu, images: ImageSetting, recipe: Recipe): Module;
  loss(setting: LossSetting, recipe: Recipe): Loss;
  optimizer(parameters: readonly Parameter[], recipe: Recipe): Optimizer;
  schedule(optimizer: Optimizer, length: TrainingLength, recipe: Recipe): Schedule | undefined;
  sampler(set: SampledSet, recipe: Recipe): Sampler;
  augmentation(setting: { counts: readonly number[] }, recipe: Recipe): Augmentation;
}

export type PartName = keyof OwnBuilders;
const PART_NAMES = ['model', 'loss', 'optimizer', 'schedule', 'sampler', 'augmentation'] as const;

/**
 * A part of a training that is no registry's: how it is built, and the name that it is known by in files, tables and figures. Two that differ need two
 * names: a training that was made is told from another by its recipe's names and numbers, and read back instead of being made again.
 */
export interface Own<Part extends PartName> {
  /** Small letters, digits and '-'; no name of the registry's. */
  name: string;
  build: OwnBuilders[Part];
}

/** A recipe in which parts of one's own may stand in the place of names. */
export type GivenRecipe = Omit<Recipe, PartName> & { [Part in PartName]: Recipe[Part] | Own<Part> };

/** How the parts are built that are a recipe's own. */
export type OwnParts = { [Part in PartName]?: OwnBuilders[Part] };

/** Names name files. */
export const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** A recipe as JSON, with names in the place of objects. */
export function withNames(given: GivenRecipe): Recipe {
  const names = PART_NAMES.map((part) => {
    const own = given[part];
    return [part, typeof own === 'string' ? own : own.name];
  });
  // The names are wider than the registries', and are not looked up where there is a part.
  return { ...given, ...Object.fromEntries(names) } as Recipe;
}

/** Knows parts by their names. */
export class OwnPartNames {
  #known = new Map<string, unknown>();

  /**
   * A recipe as JSON, with names in the place of objects, and how these are built.
   *
   * @throws UserError for a part that cannot be told apart from another: without a name, with a registry's, or with another's of before.
   */
  split(given: GivenRecipe): { recipe: Recipe; parts: OwnParts } {
    const parts: Partial<Record<PartName, unknown>> = {};
    for (const part of PART_NAMES) {
      const own = given[part];
      if (typeof own === 'string') continue;
      this.#check(part, own);
      parts[part] = own.build;
    }
    return { recipe: withNames(given), parts: parts as OwnParts };
  }

  #check(part: PartName, { name, build }: Own<PartName>): void {
    if (typeof name !== 'string' || !NAME.test(name)) {
      throw new UserError(`A ${part} of one's own needs a name of small letters, digits and '-', not '${name}'.`);
    }
    if (RECIPE_FIELDS[part].schema.safeParse(name).success) {
      throw new UserError(`The ${part} '${name}' has the name of one that wgrad brings; give yours another.`);
    }
    const key = `${part} ${name}`;
    const known = this.#known.get(key) ?? build;
    if (known !== build) {
      throw new UserError(
        `The name '${name}' is given to two of the kind '${part}', so their trainings cannot be told apart; name one of them otherwise.`,
      );
    }
    this.#known.set(key, build);
  }
}
