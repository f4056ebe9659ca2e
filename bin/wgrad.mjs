#!/usr/bin/env node
// The command line. The published package brings it compiled; in a clone tsx runs the sources.
import { existsSync } from 'node:fs';

const compiled = new URL('../dist/lab/cli/main.js', import.meta.url);
if (existsSync(compiled)) {
  await import(compiled.href);
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('../src/lab/cli/main.ts', import.meta.url).href);
}
