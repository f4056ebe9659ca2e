// Writes golden_losses.json: the losses that Node has with the set-up of live.test.ts, on the driver of Debian's Chromium.
//
//     npx tsx test/web/make_golden.ts
import { existsSync, writeFileSync } from 'node:fs';
import { SWIFTSHADER } from '../browsers.ts';
import { GOLDEN_SET_UP, GOLDEN_STEPS, nodeLosses } from './node_runs.ts';

if (!existsSync(SWIFTSHADER)) throw new Error(`There is no ${SWIFTSHADER}: install Debian's package chromium.`);
process.env.VK_DRIVER_FILES = SWIFTSHADER;
const losses = await nodeLosses(GOLDEN_SET_UP, GOLDEN_STEPS);
writeFileSync(new URL('golden_losses.json', import.meta.url), `${JSON.stringify(losses)}\n`);
