import { stat } from 'node:fs/promises';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../runtime/errors.ts';

/** Where Node.js's own reading of TypeScript is on by itself. */
const READS_TYPESCRIPT = [22, 18];

/** How Node.js finds `wgrad`: always the copy that runs, as tensors of another would be strangers to it, from its sources where those run. */
const FINDS_THIS_COPY = `
let from;
export const initialize = (data) => { from = data; };
export const resolve = (name, context, next) =>
  /^wgrad(\\/|$)/.test(name)
    ? next(name, { ...context, parentURL: from.url, conditions: [...context.conditions, ...from.conditions] })
    : next(name, context);
`;

let registered = false;

function findThisCopy(): void {
  if (registered) return;
  registered = true;
  const { url } = import.meta;
  const conditions = url.endsWith('.ts') ? ['wgrad-source'] : [];
  register(`data:text/javascript,${encodeURIComponent(FINDS_THIS_COPY)}`, { data: { url, conditions } });
}

/**
 * What a file of the user's exports, JavaScript or TypeScript. Its imports of 'wgrad' find the copy of wgrad that runs.
 *
 * @throws UserError where there is no such file, it cannot be read as a program, or it throws when it is loaded
 */
export async function importOwn(path: string): Promise<Record<string, unknown>> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UserError(`${path} is ${found ? 'no file' : 'not there'}.`);
  findThisCopy();
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UserError(
        `Node.js ${process.versions.node} does not read ${path}: take Node.js ${READS_TYPESCRIPT.join('.')} or later, make JavaScript of it, or run 'node --import tsx node_modules/wgrad/bin/wgrad.mjs' with the package tsx installed.`,
      );
    }
    // A file that Node.js takes for CommonJS looks for 'wgrad' by itself.
    const hint = /Cannot find (module|package) 'wgrad/.test(message)
      ? ' Name the file .mts or .mjs, or put it where a package.json says "type": "module".'
      : '';
    throw new UserError(`${path} cannot be loaded: ${message.split('\n')[0]}.${hint}`);
  }
}
