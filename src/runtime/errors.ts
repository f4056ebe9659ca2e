/** A mistake in how an operation was called: names the operation, the argument, and what was found and expected. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** The device has no room for what an operation asked for. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** An array in half precision where a kernel takes none: what was to be computed has no half-precision form. */
export class HalfPrecisionError extends Error {
  override readonly name = 'HalfPrecisionError';
  readonly operation: string;
  /** The innermost module in whose forward pass it was. */
  module: object | undefined;

  constructor(operation: string, message: string) {
    super(message);
    this.operation = operation;
  }
}

/** The device failed or was lost; nothing more can run on it. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
}

/** A shader that does not compile, or that has not the form in which it can be dispatched by name. */
export class ShaderError extends Error {
  override readonly name = 'ShaderError';
}

/** What would break a line or command a terminal. */
const CONTROL = /\p{Cc}/gu;

/**
 * A mistake the user can mend: the command line prints its message alone, one sentence, and exits with code 2. Messages name what stands in files, which
 * nobody vouches for: control characters are shown as JSON writes them.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';

  constructor(message: string, options?: ErrorOptions) {
    super(message.replace(CONTROL, escaped), options);
  }
}

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : json;
}
