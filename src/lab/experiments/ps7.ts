import { HELD_OUT } from '../improvements/halves.ts';
import { ImprovementTrial } from '../improvements/improvement_trial.ts';
import { comparisonSection } from '../improvements/improvements_section.ts';
import { chooseImprovements } from '../improvements/index.ts';
import { type Comparison, measureImprovements } from '../improvements/measure_improvements.ts';
import type { Experiment, ExperimentOutcome, LabContext } from '../run/experiment.ts';
import { baseRecipe } from '../run/lab_recipes.ts';
import { errorAnalysis } from './error_analysis.ts';

/** PS7, error analysis: what PS3's CustomCNN gets wrong, and what each of the usual remedies is worth. */
export const ps7: Experiment = {
  id: 'ps7',
  title: 'Error analysis and improvements',
  question: 'What does CustomCNN get wrong, how sure is it of it, and what helps?',

  trainings: (configuration) => {
    const baseline = baseRecipe(configuration, 'ps7');
    const improvements = chooseImprovements(configuration.improvements);
    const compared = improvements.flatMap(({ trainings }) => trainings?.(baseline) ?? []);
    return [
      { recipe: baseRecipe(configuration, 'ps3') },
      ...[{ recipe: baseline, variant: HELD_OUT }, ...compared].map((one) => ({ ...one, ownData: false })),
    ];
  },

  async run(context: LabContext): Promise<ExperimentOutcome> {
    const improvements = chooseImprovements(context.configuration.improvements);
    const { evaluation } = await context.trained(baseRecipe(context.configuration, 'ps3'));
    const errors = await errorAnalysis(context, 'CustomCNN', evaluation);

    const trial = new ImprovementTrial(context);
    const comparison = await measureImprovements(trial, improvements);
    return {
      results: { ...errors.results, validationImages: trial.validation.count, ...comparisonResults(comparison) },
      section: [...errors.section, ...(await comparisonSection(trial, comparison))],
    };
  },
};

/** The comparison for programs. */
function comparisonResults({ minority, baseline, measured }: Comparison): Record<string, unknown> {
  return {
    minorityClasses: minority,
    baseline,
    improvements: measured.map(({ improvement, scores, differences, deviations, standardError, note }) => ({
      name: improvement.name,
      group: improvement.group,
      description: improvement.description,
      scores,
      differences,
      deviations,
      standardError,
      note: note ?? null,
    })),
  };
}
