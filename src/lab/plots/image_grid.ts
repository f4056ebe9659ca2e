import { requireLength } from './check_input.ts';
import { asTextColour } from './colour_maps.ts';
import { type Drawing, type Figure, type FigureOptions, renderFigure, withDefaults } from './figure.ts';
import { type Graphic, imageAt, textAt } from './graphics.ts';
import { layOutHeading, PADDING } from './heading.ts';
import { imageDataUri } from './png.ts';
import { COLOUR, FONT_SIZE } from './style.ts';
import { elide, widest, wrap } from './text.ts';

/** A line under an image, in a colour if it says so, darkened as far as reading asks for. */
export type CaptionLine = string | { text: string; colour: string };

export interface ImageGrid extends FigureOptions {
  /** Bytes of N images, [N, H, W, C], C 1 (grey) or 3 (RGB). */
  images: Uint8Array;
  shape: readonly [number, number, number, number];
  columns: number;
  /** For each image the lines under it. */
  captions?: readonly (readonly CaptionLine[])[];
  /** For each row of the grid a word at its left. */
  rowNames?: readonly string[];
}

/** Images in rows, magnified without smoothing so that small ones show their pixels, with captions under them. */
export function imageGrid(input: ImageGrid): Figure {
  checkGrid(input);
  const count = input.shape[0];
  const text = withDefaults(input, {
    name: 'image_grid',
    title: 'Images',
    caption: `${count} ${count === 1 ? 'image' : 'images'}, pixels magnified without smoothing.`,
  });
  return renderFigure(text, layOutGrid(input, text.title));
}

/** Width of an image in the figure, in pixels. */
const IMAGE_WIDTH = 96;
const GAP = 12;
const LINE = FONT_SIZE.value + 4;
/** A caption may be this much wider than its image before it is broken into lines. */
const CAPTION_OVERHANG = 44;

const textOf = (line: CaptionLine): string => (typeof line === 'string' ? line : line.text);

function checkGrid({ images, shape, columns, captions, rowNames }: ImageGrid): void {
  const [n, h, w, c] = shape;
  if (!shape.every((size) => Number.isInteger(size) && size > 0) || (c !== 1 && c !== 3)) {
    throw new Error(`imageGrid: shape is [${shape.join(', ')}], expected [N, H, W, C] of 1 or more, with C 1 or 3.`);
  }
  if (images.length !== n * h * w * c) {
    throw new Error(
      `imageGrid: images has ${images.length} bytes, expected ${n * h * w * c} for shape [${shape.join(', ')}].`,
    );
  }
  if (!(Number.isInteger(columns) && columns > 0)) {
    throw new Error(`imageGrid: columns is ${columns}, expected a whole number, 1 or more.`);
  }
  if (captions) requireLength('imageGrid', 'captions', captions, n, 'shape[0]');
  if (rowNames && rowNames.length !== Math.ceil(n / columns)) {
    throw new Error(
      `imageGrid: rowNames has ${rowNames.length} entries, expected ${Math.ceil(n / columns)}, one per row.`,
    );
  }
}

function layOutGrid({ images, shape, columns, captions = [], rowNames }: ImageGrid, title: string): Drawing {
  const [n, h, w, c] = shape;
  const imageHeight = (IMAGE_WIDTH * h) / w;
  const captionWidth = widest(captions.flat().map(textOf), FONT_SIZE.value);
  const cellWidth = Math.max(IMAGE_WIDTH, Math.min(captionWidth, IMAGE_WIDTH + CAPTION_OVERHANG));
  const broken = captions.map((caption) => caption.flatMap((line) => breakLine(line, cellWidth)));
  const rowHeights = Array.from({ length: Math.ceil(n / columns) }, (_, row) => {
    const lines = broken.slice(row * columns, (row + 1) * columns).map((caption) => caption.length);
    return imageHeight + GAP + 4 + LINE * Math.max(0, ...lines);
  });
  const inRow = Math.min(columns, n);
  const left = PADDING + (rowNames ? widest(rowNames, FONT_SIZE.axisName) + 10 : 0);
  const width = Math.max(420, left + inRow * (cellWidth + GAP) - GAP + PADDING);
  const heading = layOutHeading({ title }, { width, top: PADDING, fontSize: FONT_SIZE.title });
  const graphics: Graphic[] = [...heading.graphics];
  let top = heading.bottom + 14;
  for (const [row, height] of rowHeights.entries()) {
    if (rowNames) {
      const style = { size: FONT_SIZE.axisName, colour: COLOUR.mutedText };
      graphics.push(textAt(PADDING, top + imageHeight / 2, rowNames[row]!, style));
    }
    for (let i = row * columns; i < Math.min(n, (row + 1) * columns); i++) {
      const centre = left + (i % columns) * (cellWidth + GAP) + cellWidth / 2;
      const uri = imageDataUri(images.subarray(i * h * w * c, (i + 1) * h * w * c), h, w, c);
      graphics.push(imageAt(centre - IMAGE_WIDTH / 2, top, IMAGE_WIDTH, imageHeight, uri));
      graphics.push(...captionUnder(broken[i] ?? [], centre, top + imageHeight + 4));
    }
    top += height;
  }
  return { width, height: top - GAP + PADDING, option: {}, graphics };
}

interface ColouredLine {
  text: string;
  colour: string;
}

function breakLine(line: CaptionLine, width: number): ColouredLine[] {
  const colour = typeof line === 'string' ? COLOUR.text : asTextColour(line.colour);
  return wrap(textOf(line), width, FONT_SIZE.value).map((part) => ({
    text: elide(part, width, FONT_SIZE.value),
    colour,
  }));
}

function captionUnder(lines: readonly ColouredLine[], centre: number, top: number): Graphic[] {
  return lines.map(({ text, colour }, k) =>
    textAt(centre, top + (k + 0.5) * LINE, text, { size: FONT_SIZE.value, align: 'center', colour }),
  );
}
