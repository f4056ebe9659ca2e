/**
 * A command that cannot be done, and the sentence that says so; its exit code is 2. `@` stands for the folder of `makeFiles`, NAME300 for a name of
 * 300 letters; a sentence that ends in … goes on with names or numbers that change.
 */
export type BadCommand = readonly [line: string, sentence: string];
