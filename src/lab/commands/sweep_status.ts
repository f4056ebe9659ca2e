import type { SweepTraining } from '../sweep/sweep_file.ts';
import type { SweepResults } from '../sweep/sweep_results.ts';
import { STATES, type SweepStatus, sweepStatus, type TrainingStatus } from '../sweep/sweep_status.ts';
import { formatDuration, formatLeft } from '../terminal/progress.ts';

/** Prints where a study's trainings stand. json: as one JSON object. */
export async function printSweepStatus(
  path: string,
  trainings: readonly SweepTraining[],
  results: SweepResults,
  json: boolean,
): Promise<void> {
  const status = await sweepStatus(path, trainings, results);
  console.log(
    json
      ? JSON.stringify({ format: 'wgrad-sweep-status', folder: path, counts: countsOf(status), ...status })
      : statusLines(path, status).join('\n'),
  );
}

function countsOf({ trainings }: SweepStatus): Record<string, number> {
  return Object.fromEntries(STATES.map((state) => [state, trainings.filter((one) => one.state === state).length]));
}

/** Where a study stands, for people: counts, a line for each training that is neither done nor to do, and the time left. */
function statusLines(path: string, status: SweepStatus): string[] {
  const counts = Object.entries(countsOf(status)).map(([state, count]) => `${count} ${state}`);
  const underWay = status.trainings.filter(({ state }) => state !== 'done' && state !== 'to do');
  return [
    `${path}: ${status.trainings.length} trainings: ${counts.join(', ')}.`,
    ...underWay.map((training) => `  ${training.state.padEnd(8)} ${training.name}: ${aboutOf(training)}`),
    ...timeLeft(status),
  ];
}

function aboutOf({ epochs, runs, reason }: TrainingStatus): string {
  const phrases = [`${epochs.done} of ${epochs.of} epochs saved`];
  if (runs) phrases.push(`process ${runs.pid} on ${runs.host}, last sign of life ${formatDuration(runs.quietFor)} ago`);
  if (reason !== undefined) phrases.push(reason);
  return phrases.join('; ');
}

function timeLeft({ running, secondsLeft }: SweepStatus): string[] {
  if (secondsLeft === 0) return [];
  if (secondsLeft === null) return ['Time left: not known before an epoch is finished.'];
  const atOnce = running > 0 ? `${running} at a time, as now` : 'one at a time; none runs now';
  return [`About ${formatLeft(secondsLeft)} with ${atOnce}.`];
}
