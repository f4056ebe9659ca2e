import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A copy of the checkout, as it stands, with what was not committed yet: mistakes are made there and never in the checkout itself. */
export function copyTree(root: string, target: string): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of files.split('\0')) {
    if (file === '') continue;
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(root, file), join(target, file));
  }
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'));
}

/** Has a copied tree write down which test file asks for which shader: lines `TEST SHADER` in a file. */
export function logShaders(tree: string, log: string): void {
  const file = join(tree, 'src/node/read_shader.ts');
  const text = readFileSync(file, 'utf8');
  const logged = text
    .replace("import { readFileSync } from 'node:fs';", "import { appendFileSync, readFileSync } from 'node:fs';")
    .replace(
      '  try {',
      `  const worker = (globalThis as { __vitest_worker__?: { filepath?: string } }).__vitest_worker__;
  appendFileSync(${JSON.stringify(log)}, \`\${worker?.filepath} \${name}\\n\`);
  try {`,
    );
  if (logged.split('appendFileSync').length !== 3) throw new Error(`${file} no longer has the lines to log from.`);
  writeFileSync(file, logged);
}
