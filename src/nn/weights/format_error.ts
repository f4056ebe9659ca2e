/** A file of weights that is damaged, cut off, hostile, or of a kind that is not read. Its message is one sentence. */
export class WeightsFormatError extends Error {
  override readonly name = 'WeightsFormatError';
}

const MOST_SHOWN = 100;

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** A name from a file, for a message: 'layer.weight', on one line and not too long. */
export function named(name: string): string {
  return `'${cut(JSON.stringify(name.slice(0, MOST_SHOWN + 1)).slice(1, -1))}'`;
}

/** A value from a file, for a message: on one line and not too long. What is nested in it is left out, for it may be endless. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return cut(JSON.stringify(value.slice(0, MOST_SHOWN + 1)));
  if (typeof value !== 'object' || value === null) return cut(String(value));
  if (!Array.isArray(value)) return 'something else';
  const items = value.slice(0, MOST_SHOWN).map((item) => (typeof item === 'object' && item ? '…' : shown(item)));
  return cut(`[${items}]`);
}
