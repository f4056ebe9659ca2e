import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What bundles a page, which a clone has. */
const BUNDLER = '../../../scripts/bundle_page.mjs';

/**
 * The program of a page, as one text: as it was bundled when the package was built, or, in a clone, bundled now. name: its folder in src/view.
 */
export async function pageScript(name: string): Promise<string> {
  const built = new URL(`../../view/${name}.js`, import.meta.url);
  if (existsSync(built)) return readFileSync(built, 'utf8');
  const { bundlePage } = await import(new URL(BUNDLER, import.meta.url).href);
  return bundlePage(fileURLToPath(new URL(`../../view/${name}/main.ts`, import.meta.url)));
}
