import type { Recipe } from '../../train/recipe.ts';
import { type Block, paragraph } from '../run/blocks.ts';
import { listed } from '../terminal/text_table.ts';
import type { Contender } from './compare_trainings.ts';
import { counted } from './score_findings.ts';

type Named = Pick<Contender, 'name' | 'recipe'>;

/** How long and by which steps a network is trained: 'for 5 epochs in batches of 16 with learning rate 0.001'. */
function termsOf({ epochs, batchSize, lr, schedule }: Recipe): string {
  const falling = schedule === 'constant' ? '' : ` (schedule '${schedule}')`;
  return `for ${counted(epochs, 'epoch')} in batches of ${batchSize} with learning rate ${lr}${falling}`;
}

/** Names of the networks that are trained on each of the terms, in the order in which they come. */
function byTerms(networks: readonly Named[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, recipe } of networks) {
    const terms = termsOf(recipe);
    groups.set(terms, [...(groups.get(terms) ?? []), name]);
  }
  return groups;
}

/** Whether all are trained for as many epochs, in batches of one size, by the same learning rates. */
export function trainedAlike(networks: readonly Named[]): boolean {
  return byTerms(networks).size <= 1;
}

/** On which terms the networks are trained, as the beginning of a sentence: once for all of them where it is the same for all. */
export function trainingTerms(networks: readonly Named[]): string {
  const groups = [...byTerms(networks)];
  if (groups.length === 1) return `Each network is trained from scratch ${groups[0][0]}`;
  const [[terms, names], ...others] = groups;
  const first = `${listed(names)} ${names.length === 1 ? 'is' : 'are'} trained from scratch ${terms}`;
  return [first, ...others.map(([terms, names]) => `${listed(names)} ${terms}`)].join('; ');
}

/** That a comparison of networks is one of their trainings too, where that is so. */
export function unlikeNote(networks: readonly Named[]): Block[] {
  if (trainedAlike(networks)) return [];
  return [
    paragraph(
      `The networks of PS3 are not trained alike, so what is said of one beside another holds of a network together with its training. ${trainingTerms(networks)}.`,
    ),
  ];
}
