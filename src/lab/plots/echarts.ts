import { createRequire } from 'node:module';
import type * as EChartsModule from 'echarts';
import { textWidth } from './text.ts';

/** The chart library, told the true widths of the bundled font: without them its labels overlap or are cut. */
// The single-file build loads in a fifth of the time that the package's several hundred ES modules take.
export const echarts = createRequire(import.meta.url)('echarts') as typeof EChartsModule;

echarts.setPlatformAPI({
  measureText: (text, font) => {
    const fontSize = Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12);
    return { width: textWidth(text ?? '', fontSize, /\bbold\b/.test(font ?? '')) };
  },
});
