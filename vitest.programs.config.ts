import { defineConfig, mergeConfig } from 'vitest/config';
import { PROGRAMS } from './test/programs.ts';
import { shared } from './vitest.config.ts';

export default mergeConfig(shared, defineConfig({ test: { include: PROGRAMS } }));
