/** Horizontal advance widths of a TrueType font, in em, by character. */
export interface FontMetrics {
  /** Width of one character divided by the font size; undefined where the font lacks it. */
  advance(codePoint: number): number | undefined;
}

/**
 * Reads the advance widths of a TrueType file: the tables head, hhea, hmtx and cmap (format 12, which holds all of Unicode) as the OpenType
 * specification defines them. Kerning is left out; it shortens a label by a pixel at most.
 */
export function readFontMetrics(file: Uint8Array): FontMetrics {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tables = readTableOffsets(view);
  const table = (tag: string): number => {
    const offset = tables.get(tag);
    if (offset === undefined) throw new Error(`The font file has no '${tag}' table; expected a whole TrueType font.`);
    return offset;
  };
  const unitsPerEm = view.getUint16(table('head') + 18);
  const advanceCount = view.getUint16(table('hhea') + 34);
  const hmtx = table('hmtx');
  const glyphOf = readCharacterMap(view, table('cmap'));
  return {
    advance(codePoint) {
      const glyph = glyphOf(codePoint);
      if (glyph === 0) return undefined;
      // Glyphs past the last full record share its advance.
      return view.getUint16(hmtx + 4 * Math.min(glyph, advanceCount - 1)) / unitsPerEm;
    },
  };
}

function readTableOffsets(view: DataView): Map<string, number> {
  const offsets = new Map<string, number>();
  const count = view.getUint16(4);
  for (let i = 0; i < count; i++) {
    const record = 12 + 16 * i;
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(record + k)));
    offsets.set(tag, view.getUint32(record + 8));
  }
  return offsets;
}

function readCharacterMap(view: DataView, cmap: number): (codePoint: number) => number {
  const count = view.getUint16(cmap + 2);
  const subtables = Array.from({ length: count }, (_, i) => cmap + view.getUint32(cmap + 4 + 8 * i + 4));
  const groups = subtables.find((at) => view.getUint16(at) === 12);
  if (groups !== undefined) return (codePoint) => glyphFromGroups(view, groups, codePoint);
  throw new Error("The font's 'cmap' table has no subtable of format 12; expected a TrueType font of all of Unicode.");
}

function glyphFromGroups(view: DataView, at: number, codePoint: number): number {
  const groups = view.getUint32(at + 12);
  for (let i = 0; i < groups; i++) {
    const group = at + 16 + 12 * i;
    if (codePoint > view.getUint32(group + 4)) continue;
    const first = view.getUint32(group);
    return codePoint < first ? 0 : view.getUint32(group + 8) + codePoint - first;
  }
  return 0;
}
