import { cacheFolder, hostEnvironment } from '../data/data_places.ts';
import { surveyAdapters } from './adapters.ts';
import { surveyDatasets } from './datasets.ts';
import { judge } from './findings.ts';
import { findDriverFiles, measureDisk, readVersions } from './machine.ts';
import type { DoctorReport, Facts } from './report.ts';
import { renderReport } from './text.ts';

export interface DoctorOptions {
  /** Print the report as one JSON object (`DoctorReport`) and nothing else. */
  json?: boolean;
  /** A folder to look for data in before all others. */
  dataDir?: string;
  /** Where runs are to be written. Default: `runs` in the working folder. */
  out?: string;
}

/**
 * Looks at all that the lab needs (versions, adapters, data, disk) and prints what is there, what is wrong and what to do about it.
 *
 * @returns the exit code: 0 when the lab can run, 1 when something stops it
 */
export async function doctor(options: DoctorOptions = {}): Promise<number> {
  const report = buildReport(await gatherFacts(options));
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  return report.healthy ? 0 : 1;
}

async function gatherFacts({ dataDir, out = 'runs' }: DoctorOptions): Promise<Facts> {
  const [versions, survey, driverFiles, { folderProblem, datasets }, ...disk] = await Promise.all([
    readVersions(),
    surveyAdapters(),
    findDriverFiles(),
    surveyDatasets(dataDir),
    measureDisk('runs', out),
    measureDisk('cache', cacheFolder(hostEnvironment())),
  ]);
  return { versions, survey, driverFiles, dataFolderProblem: folderProblem, datasets, disk };
}

/** Judges facts and puts them in the shape that is printed. */
export function buildReport(facts: Facts): DoctorReport {
  const findings = judge(facts);
  return {
    schema: 1,
    healthy: findings.every(({ level }) => level !== 'error'),
    versions: facts.versions,
    adapters: facts.survey.adapters,
    driverFiles: facts.driverFiles,
    dawnLog: facts.survey.log,
    datasets: facts.datasets,
    disk: facts.disk,
    findings,
  };
}
