import { describe, expect, it } from 'vitest';
import {
  asTextColour,
  contrast,
  fromHex,
  jet,
  luminance,
  sequential,
  textColourOn,
  toHex,
} from '../../../src/lab/plots/colour_maps.ts';
import { CLASS_COLOURS, SERIES_COLOURS } from '../../../src/lab/plots/style.ts';

describe('jet', () => {
  // Corners of the piecewise-linear definition and points half-way between them; every value is exact in binary.
  it.each([
    [0, [0, 0, 0.5]],
    [1 / 16, [0, 0, 0.75]],
    [1 / 8, [0, 0, 1]],
    [1 / 4, [0, 0.5, 1]],
    [3 / 8, [0, 1, 1]],
    [1 / 2, [0.5, 1, 0.5]],
    [5 / 8, [1, 1, 0]],
    [3 / 4, [1, 0.5, 0]],
    [7 / 8, [1, 0, 0]],
    [1, [0.5, 0, 0]],
  ])('at %d', (t, rgb) => {
    expect(jet(t)).toEqual(rgb);
  });

  it('clamps what lies outside and takes NaN as 0', () => {
    expect(jet(-3)).toEqual(jet(0));
    expect(jet(7)).toEqual(jet(1));
    expect(jet(Number.NaN)).toEqual(jet(0));
  });
});

describe('sequential', () => {
  it('begins white and darkens all the way', () => {
    expect(toHex(sequential(0))).toBe('#ffffff');
    const lightness = Array.from({ length: 101 }, (_, i) => luminance(sequential(i / 100)));
    for (let i = 1; i < lightness.length; i++) expect(lightness[i]!).toBeLessThan(lightness[i - 1]!);
    expect(sequential(2)).toEqual(sequential(1));
  });

  it('carries readable text everywhere', () => {
    for (let i = 0; i <= 100; i++) {
      const background = sequential(i / 100);
      // 4.5 is the bound of WCAG level AA for text; the middle of the map, where dark and white meet, keeps 3.9.
      expect(contrast(background, fromHex(textColourOn(background)))).toBeGreaterThan(3.8);
    }
    expect(textColourOn(sequential(0))).not.toBe(textColourOn(sequential(1)));
  });
});

describe('contrast', () => {
  it('is 21 between black and white and 1 between equals', () => {
    expect(contrast([0, 0, 0], [1, 1, 1])).toBeCloseTo(21, 10);
    expect(contrast([0.2, 0.4, 0.6], [0.2, 0.4, 0.6])).toBe(1);
  });
});

describe('asTextColour', () => {
  it('keeps dark colours and darkens light ones until they can be read on white', () => {
    expect(asTextColour('#0072b2')).toBe('#0072b2');
    for (const colour of [...SERIES_COLOURS, ...CLASS_COLOURS]) {
      // Rounding to bytes costs a little of the bound of 4.5.
      expect(contrast(fromHex(asTextColour(colour)), [1, 1, 1])).toBeGreaterThan(4.45);
    }
  });
});

describe('toHex and fromHex', () => {
  it('invert each other', () => {
    expect(toHex(fromHex('#0a7fff'))).toBe('#0a7fff');
  });
});
