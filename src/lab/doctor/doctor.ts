import { dataPlaces } from '../../data/sources/data_places.ts';
import { cacheFolder, hostEnvironment } from '../../node/host_environment.ts';
import { openDevice } from '../../node.ts';
import { defaultRungs } from '../../runtime/rungs.ts';
import { measuredRungs, measureRungs } from '../run/rung_cache.ts';
import { verificationOf } from '../run/verification.ts';
import { surveyAdapters } from './adapters.ts';
import { surveyDatasets } from './datasets.ts';
import { judge } from './diagnosis.ts';
import type { AdapterSurvey, DoctorReport, Facts, KernelsFact, TuningFact } from './facts.ts';
import { findDriverFiles, measureDisk, readVersions } from './machine.ts';
import { renderReport } from './text.ts';

export interface DoctorOptions {
  /** Print the report as one JSON object (`DoctorReport`) and nothing else. */
  json?: boolean;
  /** A folder to look for data in before all others. */
  dataDir?: string;
  /** Where runs are to be written. Default: `runs` in the working folder. */
  out?: string;
  /** First measure which version of each kernel is the fastest, and keep the answer. Throws DeviceError where there is no adapter. */
  tune?: boolean;
}

/**
 * Looks at all that the lab needs (versions, adapters, data, disk) and prints what is there, what is wrong and what to do about it.
 *
 * @returns the exit code: 0 when the lab can run, 1 when something stops it. Throws UserError where `dataDir` is no folder.
 */
export async function doctor(options: DoctorOptions = {}): Promise<number> {
  // What was named by mistake is not the machine's fault.
  if (options.dataDir !== undefined) await dataPlaces({ dataDir: options.dataDir, environment: hostEnvironment() });
  const tuning = options.tune ? await tune() : null;
  const report = buildReport({ ...(await gatherFacts(options)), tuning });
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  return report.healthy ? 0 : 1;
}

async function tune(): Promise<TuningFact[]> {
  const gpu = await openDevice();
  try {
    const { classes } = await measureRungs(gpu);
    return classes.map(({ shapeClass, times, chosen }) => ({
      shapes: shapeClass,
      versions: times.map(({ rung, ms }) => ({ rung, ms: Math.min(...ms) })),
      taken: chosen,
    }));
  } finally {
    gpu.close();
  }
}

/** The rungs that the lab would take on the chosen adapter. */
async function kernelsOf({ adapters }: AdapterSurvey): Promise<KernelsFact | null> {
  const chosen = adapters.find((adapter) => adapter.chosen);
  if (!chosen) return null;
  const measured = await measuredRungs(chosen);
  if (measured) return { source: 'measured', rungs: measured };
  const { software, subgroupSizes } = chosen;
  return { source: 'kind', rungs: defaultRungs({ software, subgroupSizes: subgroupSizes ?? [0, 0] }) };
}

async function gatherFacts({ dataDir, out = 'runs' }: DoctorOptions): Promise<Omit<Facts, 'tuning'>> {
  const [versions, survey, driverFiles, { folderProblem, datasets }, ...disk] = await Promise.all([
    readVersions(),
    surveyAdapters(),
    findDriverFiles(),
    surveyDatasets(dataDir),
    measureDisk('runs', out),
    measureDisk('cache', cacheFolder(hostEnvironment())),
  ]);
  const kernels = await kernelsOf(survey);
  const chosen = survey.adapters.find((adapter) => adapter.chosen);
  const verification = (chosen && (await verificationOf(chosen))) ?? null;
  return { versions, survey, kernels, verification, driverFiles, dataFolderProblem: folderProblem, datasets, disk };
}

/** Judges facts and puts them in the shape that is printed. */
export function buildReport(facts: Facts): DoctorReport {
  const findings = judge(facts);
  return {
    schema: 1,
    healthy: findings.every(({ level }) => level !== 'error'),
    versions: facts.versions,
    adapters: facts.survey.adapters,
    kernels: facts.kernels,
    tuning: facts.tuning,
    verification: facts.verification,
    driverFiles: facts.driverFiles,
    dawnLog: facts.survey.log,
    datasets: facts.datasets,
    disk: facts.disk,
    findings,
  };
}
