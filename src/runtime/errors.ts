/** A mistake in how an operation was called: names the operation, the argument, and what was found and expected. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** The device has no room for what an operation asked for. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** The device failed or was lost; nothing more can run on it. */
export class DeviceError extends Error {
  override readonly name = 'DeviceError';
}

/** A shader that does not compile, or that has not the form in which it can be dispatched by name. */
export class ShaderError extends Error {
  override readonly name = 'ShaderError';
}

/** A mistake the user can mend: the command line prints its message alone, one sentence, and exits with code 2. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
