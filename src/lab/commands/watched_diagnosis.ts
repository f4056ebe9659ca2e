import type { CauseName } from '../../inspect/diagnose/cause.ts';
import { diagnose, type Finding } from '../../inspect/diagnose/diagnose.ts';
import { TrainingMonitor } from '../../inspect/diagnose/training_monitor.ts';
import type { TrainingWatch, WatchedTraining } from '../run/training_cache.ts';
import { diagnosisForPeople } from './diagnosis_report.ts';

/** Says what goes wrong in a training: each cause when it is first found, and all at the end, whichever way it ends. */
export class WatchedDiagnosis {
  /** As of the last sample. */
  findings: readonly Finding[] = [];
  readonly #say: (text: string) => void;
  readonly #said = new Set<CauseName>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** For `TrainingCache`. */
  watch = ({ model, optimizer, stepsPerEpoch }: WatchedTraining): TrainingWatch => {
    const monitor = new TrainingMonitor(model, optimizer, {
      stepsPerEpoch,
      onSample: (history) => {
        this.findings = diagnose(history);
        for (const finding of this.findings) {
          if (finding.level === 'note' || finding.followsFrom !== undefined || this.#said.has(finding.cause)) continue;
          this.#said.add(finding.cause);
          this.#say(`Step ${history.samples.at(-1)?.step}: ${finding}`);
        }
      },
    });
    return {
      step: (step) => void monitor.step(step),
      finish: async () => {
        const history = await monitor.finish();
        if (history.steps === 0) return;
        this.findings = diagnose(history);
        this.#say(`\n${diagnosisForPeople(this.findings, history)}\n`);
      },
    };
  };
}
