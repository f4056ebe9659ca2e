import { COLOUR } from './style.ts';

/** Red, green and blue, each from 0 to 1, as sRGB holds them. */
export type Rgb = readonly [number, number, number];

const clamp = (t: number): number => Math.min(1, Math.max(0, t));

/**
 * The classic "jet" map: t from 0 (dark blue) over cyan, yellow to 1 (dark red), linear pieces of slope 4 as MATLAB defines it. Values
 * outside are clamped; NaN counts as 0. Its lightness is not monotone, so it serves overlays that a reader expects in it, and nothing else.
 */
export function jet(t: number): Rgb {
  const at = 4 * clamp(Number.isNaN(t) ? 0 : t);
  return [clamp(1.5 - Math.abs(at - 3)), clamp(1.5 - Math.abs(at - 2)), clamp(1.5 - Math.abs(at - 1))];
}

/** Stops of the sequential map: white over the palette's blue to near black, its lightness falling all the way. */
const SEQUENTIAL: readonly Rgb[] = [
  [1, 1, 1],
  [0.78, 0.88, 0.95],
  [0.36, 0.65, 0.83],
  [0, 0.447, 0.698],
  [0.02, 0.19, 0.38],
];

/** The colour of a share t from 0 (white) to 1 (dark blue); values outside are clamped. */
export function sequential(t: number): Rgb {
  const at = clamp(t) * (SEQUENTIAL.length - 1);
  const below = Math.min(SEQUENTIAL.length - 2, Math.floor(at));
  const [a, b] = [SEQUENTIAL[below]!, SEQUENTIAL[below + 1]!];
  const mix = (c: 0 | 1 | 2): number => a[c] + (b[c] - a[c]) * (at - below);
  return [mix(0), mix(1), mix(2)];
}

/** '#rrggbb'. */
export function toHex(rgb: Rgb): string {
  return `#${rgb
    .map((c) =>
      Math.round(255 * clamp(c))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** The inverse of {@link toHex}. */
export function fromHex(hex: string): Rgb {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [channel(1), channel(3), channel(5)];
}

/** Relative luminance, 0 to 1, as WCAG 2.1 defines it for sRGB. */
export function luminance(rgb: Rgb): number {
  const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

/** Contrast ratio of two colours, 1 to 21, as WCAG 2.1 defines it. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Dark or white text, whichever stands out more from the background. */
export function textColourOn(background: Rgb): string {
  const dark = contrast(background, fromHex(COLOUR.text));
  const light = contrast(background, fromHex(COLOUR.background));
  return dark >= light ? COLOUR.text : COLOUR.background;
}

/** The colour, darkened until text in it can be read on white (contrast 4.5, WCAG 2.1 level AA). */
export function asTextColour(hex: string): string {
  let rgb = fromHex(hex);
  while (contrast(rgb, [1, 1, 1]) < 4.5) rgb = [rgb[0] * 0.95, rgb[1] * 0.95, rgb[2] * 0.95];
  return toHex(rgb);
}
