// Bundles the program of a page, which a browser runs, into one text. Used by the build, and in a clone whenever a page is made.
import { build } from 'esbuild';

/**
 * @param {string} entry path of its first file
 * @returns {Promise<string>}
 */
export async function bundlePage(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // Names of classes are shown.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  return outputFiles[0].text;
}
