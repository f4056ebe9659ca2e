#!/usr/bin/env node
// The command line. In a clone tsx runs the sources, whatever was built before; the package brings it compiled.
import { existsSync } from 'node:fs';

const sources = new URL('../src/lab/cli/main.ts', import.meta.url);
if (existsSync(sources)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(sources.href);
} else {
  await import(new URL('../dist/lab/cli/main.js', import.meta.url).href);
}
