import { type ResultsKind, readResults } from './results_file.ts';
import { RunFolder } from './run_folder.ts';

/** Where a command is to work, if that is said. */
export interface GivenPlace {
  /** Folder of a run to go on with. */
  resume?: string;
  /** The run's folder itself: begun there, gone on with there, or done there already. */
  into?: string;
}

/** Where a command works. */
export interface RunPlace<R> {
  /** Locked; undefined where the folder is still to be made, and where nothing is left to do. */
  folder?: RunFolder;
  /** What stands there of a run that goes on. */
  earlier?: R;
  /** Whether all that is asked for stands there already. */
  done: boolean;
}

/**
 * Opens the folder that a command is to work in.
 *
 * @param isDone whether results that stand in `into` are all that is asked for; throws UserError where they are another run's
 * @throws FolderInUse where another process works there, and UserError where it holds no such run
 */
export async function openPlace<R>(
  { resume, into }: GivenPlace,
  kind: ResultsKind<R>,
  isDone: (earlier: R, folder: RunFolder) => boolean | Promise<boolean>,
): Promise<RunPlace<R>> {
  if (resume !== undefined) {
    return whileLocked(await RunFolder.open(resume), async (folder) => ({
      ...{ folder, earlier: await readResults(folder, kind), done: false },
    }));
  }
  if (into === undefined) return { done: false };
  const isDoneThere = async (folder: RunFolder) => isDone(await readResults(folder, kind), folder);
  // Looked at before it is locked: of several that come when all is done, each is to say so.
  if ((await RunFolder.holdsRun(into)) && (await isDoneThere(await RunFolder.view(into)))) return { done: true };
  return whileLocked(await RunFolder.into(into), async (folder) => {
    if (!(await RunFolder.holdsRun(into))) return { folder, done: false };
    if (!(await isDoneThere(folder))) return { folder, earlier: await readResults(folder, kind), done: false };
    folder.release();
    return { done: true };
  });
}

/** Looks at what a locked folder holds; lets it go where that cannot be done. */
async function whileLocked<R>(
  folder: RunFolder,
  look: (folder: RunFolder) => Promise<RunPlace<R>>,
): Promise<RunPlace<R>> {
  try {
    return await look(folder);
  } catch (error) {
    folder.release();
    throw error;
  }
}
