import { createRequire } from 'node:module';
import type * as EChartsModule from 'echarts';
import { textWidth } from './text.ts';

const require = createRequire(import.meta.url);
let loaded: typeof EChartsModule | undefined;

/**
 * The chart library, told the true widths of the bundled font: without them its labels overlap or are cut. Loaded when a figure is drawn first: commands
 * that draw none begin sooner.
 */
export function echarts(): typeof EChartsModule {
  if (loaded) return loaded;
  // The single-file build loads in a fifth of the time that the package's several hundred ES modules take.
  loaded = require('echarts') as typeof EChartsModule;
  loaded.setPlatformAPI({
    measureText: (text, font) => {
      const fontSize = Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12);
      return { width: textWidth(text ?? '', fontSize, /\bbold\b/.test(font ?? '')) };
    },
  });
  return loaded;
}
