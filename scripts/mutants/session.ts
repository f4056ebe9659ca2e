// Runs test files of a copy of the project, again and again in one process, so that what did not change is compiled once. Started by
// mutation_run.ts, which ends it where a mutant never comes back.
//
//   tsx session.ts FOLDER     messages in: { files, changed }, out: { failed: what failed first, or '' where all passed }
import { join } from 'node:path';
import { createVitest } from 'vitest/node';

export interface Request {
  /** Test files, from the folder on; the first that fails ends the run. */
  files: string[];
  /** Source files whose text changed since the last request. */
  changed: string[];
}

export interface Answer {
  failed: string;
}

const root = process.argv[2];
const vitest = await createVitest('test', {
  ...{ root, config: join(root, 'vitest.config.ts'), watch: false, bail: 1, maxWorkers: 1, reporters: [{}] },
  ...{ testTimeout: 30_000, hookTimeout: 30_000, fileParallelism: false },
});

async function run({ files, changed }: Request): Promise<Answer> {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  const project = vitest.getRootProject();
  for (const file of files) {
    // What failed in the last request would count towards `bail`.
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([
      project.createSpecification(join(root, file)),
    ]);
    for (const module of testModules.filter(({ moduleId }) => moduleId === join(root, file))) {
      for (const test of module.children.allTests('failed')) return { failed: `${file}: ${test.fullName}` };
      if (module.state() === 'failed') return { failed: `${file}: cannot run` };
    }
    if (unhandledErrors.length > 0) return { failed: `${file}: an error outside the tests` };
  }
  return { failed: '' };
}

process.on('message', async (request: Request) => process.send?.(await run(request)));
process.on('disconnect', () => process.exit());
process.send?.('ready');
