/** A mistake the user can mend: the command line prints its message alone, one sentence, and exits with code 2. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}
