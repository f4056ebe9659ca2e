import { type Recipe, recordedRecipe } from '../../train/recipe.ts';
import { formatLeft } from '../terminal/progress.ts';

/**
 * What a planned training is known by before its data is there. ownData: whether it is trained on the run's images; of those on other images, equal
 * recipes count as one unless the variant tells them apart.
 */
export function plannedKey(recipe: Recipe, variant: string | undefined, ownData: boolean): string {
  return JSON.stringify({ recipe: recordedRecipe.parse(recipe), variant, ownData });
}

/** A training that a run is going to make. */
export interface PlannedTraining {
  /** See `plannedKey`. */
  key: string;
  recipe: Recipe;
}

/** Seconds of an image's training step relative to CustomCNN's, before any was measured: by PyTorch's figures at width 1. */
const RELATIVE_COST: Readonly<Record<string, number>> = { 'custom-cnn': 1, resnet18: 2.4, 'efficientnet-b0': 0.9 };

/** The trainings of a run: how many there are, and an estimate of how long those that are left will take, from those that are done. */
export class TrainingPlan {
  #left = new Map<string, Recipe>();
  #done = new Map<string, { recipe: Recipe; seconds: number }>();

  constructor(trainings: readonly PlannedTraining[]) {
    for (const { key, recipe } of trainings) this.#left.set(key, recipe);
  }

  finish(key: string, seconds: number): void {
    const recipe = this.#left.get(key);
    if (recipe === undefined) return;
    this.#left.delete(key);
    this.#done.set(key, { recipe, seconds });
  }

  /** '4/35 ' before a planned training's name, '' before another's. */
  place(key: string): string {
    const total = this.#done.size + this.#left.size;
    return this.#left.has(key) && total > 1 ? `${this.#done.size + 1}/${total} ` : '';
  }

  /**
   * How long this training and those after it will take, as a phrase: 'lab 9 min left'. None for the last, whose own time left is known anyway.
   * own: seconds of this one, all of it and what is left of it; undefined while they are not known, when nothing is said.
   */
  left(key: string, own: { whole: number; left: number } | undefined): string[] {
    const recipe = this.#left.get(key);
    const others = [...this.#left].filter(([other]) => other !== key).map(([, other]) => other);
    if (recipe === undefined || others.length === 0 || own === undefined) return [];
    const measured = [...this.#done.values(), { recipe, seconds: own.whole }];
    const total = others.reduce((sum, other) => sum + estimateSeconds(other, measured), own.left);
    return [`lab ${formatLeft(total)}`];
  }
}

/** Seconds of a training, from those of the same network or else of any; at least one must be measured. */
export function estimateSeconds(recipe: Recipe, measured: readonly { recipe: Recipe; seconds: number }[]): number {
  const alike = measured.filter((other) => other.recipe.model === recipe.model && other.recipe.width === recipe.width);
  const [basis, cost] = alike.length > 0 ? [alike, epochsOf] : [measured, costOf];
  const seconds = basis.reduce((sum, other) => sum + other.seconds, 0);
  return (seconds / basis.reduce((sum, other) => sum + cost(other.recipe), 0)) * cost(recipe);
}

function epochsOf({ epochs }: Recipe): number {
  return epochs;
}

function costOf({ model, epochs }: Recipe): number {
  return epochs * (RELATIVE_COST[model] ?? 1);
}
