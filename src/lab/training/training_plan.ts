import type { Recipe } from './recipe.ts';

/** A training that a run is going to make. */
export interface PlannedTraining {
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

  /** How long the trainings after this one will take, as a phrase; none where that cannot be told yet. fraction: of this one that is done. */
  left(key: string, fraction: number): string[] {
    void fraction;
    const seconds = [...this.#left].flatMap(([other, recipe]) => (other === key ? [] : [this.#estimate(recipe)]));
    if (seconds.length === 0 || seconds.some((value) => value === undefined)) return [];
    const total = seconds.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    return [`then ${Math.max(1, Math.round(total / 60))} min of others`];
  }

  /** Seconds by trainings of the same network, else by any. */
  #estimate(recipe: Recipe): number | undefined {
    const done = [...this.#done.values()];
    const alike = done.filter((other) => other.recipe.model === recipe.model && other.recipe.width === recipe.width);
    const [basis, cost] = alike.length > 0 ? [alike, epochsOf] : [done, costOf];
    const measured = basis.reduce((sum, other) => sum + cost(other.recipe), 0);
    if (measured === 0) return undefined;
    return (basis.reduce((sum, other) => sum + other.seconds, 0) / measured) * cost(recipe);
  }
}

function epochsOf({ epochs }: Recipe): number {
  return epochs;
}

function costOf({ model, epochs }: Recipe): number {
  return epochs * (RELATIVE_COST[model] ?? 1);
}
