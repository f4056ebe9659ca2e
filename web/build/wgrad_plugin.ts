import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { packDigits } from './pack_digits.ts';

const DIGITS = 'digits.bin';
const root = new URL('../../', import.meta.url);

/** The texts of the shaders as a module in the place of `src/shaders.ts`, which reads files. */
function shaderTable(): string {
  const folder = new URL('shaders/', root);
  const names = readdirSync(folder).filter((file) => file.endsWith('.wgsl'));
  const texts = Object.fromEntries(
    names.map((file) => [file.replace(/\.wgsl$/, ''), readFileSync(new URL(file, folder), 'utf8')]),
  );
  return `const texts = ${JSON.stringify(texts)};
export const shaders = (name) => {
  if (Object.hasOwn(texts, name)) return texts[name];
  throw new Error('There is no shader shaders/' + name + '.wgsl.');
};`;
}

/** Brings the shaders' texts along. */
export function shadersPlugin(): Plugin {
  const path = fileURLToPath(new URL('src/shaders.ts', root));
  return {
    name: 'wgrad-shaders',
    enforce: 'pre',
    load: (id) => (id.split('?')[0] === path ? shaderTable() : undefined),
  };
}

/** Brings the digits along as `digits.bin` beside the page. */
export function digitsPlugin(): Plugin {
  return {
    name: 'wgrad-digits',
    configureServer(server) {
      let packed: Promise<Uint8Array> | undefined;
      server.middlewares.use((request, response, next) => {
        if (request.url?.split('?')[0] !== `/${DIGITS}`) return next();
        packed ??= packDigits();
        packed.then((bytes) => response.end(bytes), next);
      });
    },
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: DIGITS, source: await packDigits() });
    },
  };
}
