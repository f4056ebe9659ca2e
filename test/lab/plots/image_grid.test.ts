import { describe, expect, it } from 'vitest';
import { asTextColour, contrast, fromHex } from '../../../src/lab/plots/colour_maps.ts';
import { heatOverlay } from '../../../src/lab/plots/heat_overlay.ts';
import { heatOverlayGrid } from '../../../src/lab/plots/heat_overlay_grid.ts';
import { imageGrid } from '../../../src/lab/plots/image_grid.ts';
import { anchorOf, decode, expectWholeFigure, pixel, textElement, textsOf } from './read_figure.ts';

/** The place of the i-th picture, in pixels of the figure. */
function pictures(svg: string): { x: number; y: number; width: number }[] {
  return [...svg.matchAll(/<image[^>]* width="([\d.]+)"[^>]*translate\(([\d.]+) ([\d.]+)\)/g)].map((match) => ({
    width: Number(match[1]),
    x: Number(match[2]),
    y: Number(match[3]),
  }));
}

describe('imageGrid', () => {
  it('magnifies pixels without smoothing', () => {
    // 2 × 2 pixels: red, green / blue, white.
    const images = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
    const figure = imageGrid({ images, shape: [1, 2, 2, 3], columns: 1 });
    expectWholeFigure(figure);
    const [place] = pictures(figure.svg);
    expect(place!.width).toBe(96);
    const png = decode(figure);
    const at = (fx: number, fy: number) =>
      pixel(png, Math.round(2 * (place!.x + 96 * fx)), Math.round(2 * (place!.y + 96 * fy)));
    // A pixel or two from the border between the four, where smoothing would mix them.
    expect(at(0.48, 0.48)).toEqual([255, 0, 0]);
    expect(at(0.52, 0.48)).toEqual([0, 255, 0]);
    expect(at(0.48, 0.52)).toEqual([0, 0, 255]);
    expect(at(0.02, 0.98)).toEqual([0, 0, 255]);
  });

  it('keeps rows, columns and captions together', () => {
    const images = new Uint8Array(5 * 16).fill(90);
    const captions = Array.from({ length: 5 }, (_, i) => [
      `true class ${i}`,
      { text: `confidence ${i}`, colour: '#b3261e' },
    ]);
    const figure = imageGrid({ images, shape: [5, 4, 4, 1], columns: 3, captions, rowNames: ['first', 'second'] });
    expectWholeFigure(figure);
    const places = pictures(figure.svg);
    expect(places).toHaveLength(5);
    expect(places[4]!.x).toBe(places[1]!.x);
    expect(places[4]!.y).toBeGreaterThan(places[1]!.y + 96);
    expect(textElement(figure, 'confidence 4')).toContain('fill="#b3261e"');
    expect(anchorOf(figure, 'true class 4').x).toBeCloseTo(places[4]!.x + 48, 1);
    expect(anchorOf(figure, 'true class 4').y).toBeGreaterThan(places[4]!.y + 96);
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['first', 'second']));
  });

  it('darkens a colour in which text could not be read on white', () => {
    const captions = [[{ text: 'unsure', colour: '#E69F00' }]];
    const figure = imageGrid({ images: new Uint8Array(4), shape: [1, 2, 2, 1], columns: 1, captions });
    const colour = /fill="(#[0-9a-f]{6})"/i.exec(textElement(figure, 'unsure'))![1]!;
    expect(contrast(fromHex(colour), [1, 1, 1])).toBeGreaterThanOrEqual(4.5);
    expect(colour).toBe(asTextColour('#E69F00'));
  });

  it('breaks a long caption into lines under its image', () => {
    const captions = [['predicted automobile, true airplane, confidence 100 %']];
    const figure = imageGrid({ images: new Uint8Array(4), shape: [1, 2, 2, 1], columns: 4, captions });
    expectWholeFigure(figure);
    expect(textsOf(figure).join(' ')).toContain(captions[0]![0]!);
  });

  it('says which argument is wrong', () => {
    const images = new Uint8Array(12);
    expect(() => imageGrid({ images, shape: [1, 2, 2, 4], columns: 1 })).toThrow('imageGrid: shape is [1, 2, 2, 4]');
    expect(() => imageGrid({ images, shape: [2, 2, 2, 3], columns: 1 })).toThrow('images has 12 bytes, expected 24');
    expect(() => imageGrid({ images, shape: [1, 2, 2, 3], columns: 0 })).toThrow('columns is 0');
    expect(() => imageGrid({ images, shape: [1, 2, 2, 3], columns: 1, captions: [] })).toThrow(
      'captions has 0 entries',
    );
    expect(() => imageGrid({ images, shape: [1, 2, 2, 3], columns: 1, rowNames: [] })).toThrow(
      'rowNames has 0 entries',
    );
  });
});

describe('heatOverlay', () => {
  it('mixes image and jet by alpha', () => {
    const image = Uint8Array.of(100, 50, 0, 100, 50, 0);
    // jet(0) is (0, 0, 0.5), jet(1) is (0.5, 0, 0).
    const out = heatOverlay(image, [1, 2, 3], { values: [0, 1], height: 1, width: 2 });
    expect([...out]).toEqual([50, 25, 64, 114, 25, 0]);
    expect([...heatOverlay(image, [1, 2, 3], { values: [1], height: 1, width: 1 }, 0)]).toEqual([...image]);
  });

  it('spreads a small map over the image bilinearly, and takes grey images', () => {
    const out = heatOverlay(new Uint8Array(4), [1, 4, 1], { values: [0, 1], height: 1, width: 2 }, 1);
    // The map becomes 0, 1/4, 3/4, 1; jet of these, in bytes.
    expect([...out]).toEqual([0, 0, 128, 0, 128, 255, 255, 128, 0, 128, 0, 0]);
  });

  it('says which argument is wrong', () => {
    const image = new Uint8Array(3);
    expect(() => heatOverlay(image, [2, 2, 3], { values: [0], height: 1, width: 1 })).toThrow('image has 3 bytes');
    expect(() => heatOverlay(image, [1, 1, 3], { values: [Number.NaN], height: 1, width: 1 })).toThrow(
      'heatOverlay: heat.values[0] is NaN, expected a value from 0 to 1.',
    );
  });
});

describe('heatOverlayGrid', () => {
  it('shows each image above its overlay', () => {
    const images = new Uint8Array(2 * 12).fill(200);
    const heats = [
      { values: [0, 0, 0, 0], height: 2, width: 2 },
      { values: [1], height: 1, width: 1 },
    ];
    const figure = heatOverlayGrid({
      images,
      shape: [2, 2, 2, 3],
      heats,
      heatName: 'Grad-CAM',
      captions: [['cat'], ['dog']],
    });
    expectWholeFigure(figure);
    const places = pictures(figure.svg);
    const png = decode(figure);
    const centre = (i: number) => pixel(png, 2 * places[i]!.x + 40, 2 * places[i]!.y + 40);
    expect([centre(0), centre(1)]).toEqual([
      [200, 200, 200],
      [200, 200, 200],
    ]);
    expect(centre(2)).toEqual([100, 100, 164]);
    expect(centre(3)).toEqual([164, 100, 100]);
    expect(anchorOf(figure, 'dog').x).toBeCloseTo(places[3]!.x + 48, 1);
  });

  it('says which argument is wrong', () => {
    const images = new Uint8Array(12);
    expect(() => heatOverlayGrid({ images, shape: [1, 2, 2, 3], heats: [], heatName: 'x' })).toThrow(
      'heatOverlayGrid: heats has 0 entries, expected 1',
    );
  });
});
