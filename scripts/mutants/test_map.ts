import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** TypeScript files below a folder, by their paths from the root on, with their texts. */
function textsBelow(root: string, folder: string): Map<string, string> {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const paths = files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file.replaceAll('\\', '/')}`);
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** Runs on Dawn's null backend, which computes nothing. */
const COMPUTES_NOTHING = 'test/kernels/dispatch.test.ts';

const nameOf = (path: string) => basename(path).replace(/(\.test)?\.\w+$/, '');

/** What concerns every rule: all operations in a table, against PyTorch, of NaN, and of nothing. */
const OF_EVERY_RULE = ['torch', 'nan', 'empty'].map((name) => `test/autograd/ops/${name}.test.ts`);

/**
 * Which test files concern a shader or a rule, those nearest to it first: of a shader the tests of the kernels that dispatch it, then of the operations
 * and layers that import these; of a rule the tests of its own name, then those of all operations.
 */
export class TestMap {
  #sources: Map<string, string>;
  #tests: Map<string, string>;

  constructor(root: string) {
    this.#sources = textsBelow(root, 'src');
    this.#tests = textsBelow(root, 'test');
  }

  testsOf(file: string): string[] {
    const found = file.endsWith('.wgsl') ? this.#ofShader(nameOf(file)) : this.#ofRule(file);
    return [...new Set(found)].filter((test) => test !== COMPUTES_NOTHING);
  }

  #ofShader(shader: string): string[] {
    // Either its whole name stands there, or the beginning of it before a part that is chosen.
    const parts = shader.split('_');
    const beginnings = parts.map((_, i) => `\`${parts.slice(0, i + 1).join('_')}_\${`);
    const names = [`'${shader}'`, ...beginnings];
    const dispatching = [...this.#sources].filter(
      ([path, text]) => path.startsWith('src/kernels/') && names.some((name) => text.includes(name)),
    );
    const kernels = dispatching.map(([path]) => path);
    const users = kernels.flatMap((kernel) =>
      this.#importersOf(kernel, /^src\/(autograd\/ops|nn\/(optimizers|losses)|nn|data|train)\//),
    );
    // What names the function of the shader's own name uses it; the rest may use others of the same file.
    const named = shader.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const uses = (path: string) => Number(new RegExp(`\\b${named}\\b`).test(this.#sources.get(path) as string));
    users.sort((a, b) => uses(b) - uses(a));
    const layers = users.flatMap((path) => this.#sameName(path));
    return [
      ...kernels.flatMap((path) => this.#mirror(path)),
      ...this.#importing(kernels),
      ...users.flatMap((path) => this.#mirror(path)),
      ...layers,
    ];
  }

  #ofRule(file: string): string[] {
    return [...this.#mirror(file), ...this.#sameName(file), ...this.#importing([file]), ...OF_EVERY_RULE];
  }

  #importersOf(target: string, among: RegExp): string[] {
    const end = `/${basename(target)}'`;
    const folder = target.split('/').at(-2);
    return [...this.#sources]
      .filter(([path, text]) => among.test(path) && path !== target && text.includes(`${folder}${end}`))
      .map(([path]) => path);
  }

  /** The test that stands at a source's own path. */
  #mirror(path: string): string[] {
    const test = path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
    return this.#tests.has(test) ? [test] : [];
  }

  /** Tests of layers, losses and optimizers with a source's name. */
  #sameName(path: string): string[] {
    const name = nameOf(path);
    return [...this.#tests.keys()].filter(
      (test) => /^test\/nn\/.*\.test\.ts$/.test(test) && [name, `${name}2d`].includes(nameOf(test)),
    );
  }

  /** Tests of kernels and operations that import a source themselves. */
  #importing(sources: string[]): string[] {
    return [...this.#tests]
      .filter(
        ([test, text]) =>
          /^test\/(kernels|autograd\/ops)\/.*\.test\.ts$/.test(test) &&
          sources.some((path) => text.includes(`${path}'`)),
      )
      .map(([test]) => test);
  }
}
