import { mkdirSync } from 'node:fs';
import { explain } from '../../node/atomic_file.ts';
import { JsonlLog } from './jsonl_log.ts';
import { TensorboardLog } from './tensorboard_log.ts';
import type { TrainingLog } from './training_log.ts';

const LOGS = { tensorboard: TensorboardLog, jsonl: JsonlLog } as const;

/** A kind of log. */
export type LogName = keyof typeof LOGS;

/** The kinds of logs. */
export const LOG_NAMES = Object.keys(LOGS) as LogName[];

/** A log of a kind in a folder, which is made if it is not there. */
export function openTrainingLog(name: LogName, folder: string): TrainingLog {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explain(folder, error);
  }
  return new LOGS[name](folder);
}
