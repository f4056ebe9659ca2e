import { expect } from 'vitest';
import { WeightsFormatError } from '../../../src/nn/weights/format_error.ts';

/** The message of the WeightsFormatError that `read` must throw: one sentence on one line. */
export function refusal(read: () => unknown): string {
  let caught: unknown;
  try {
    read();
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(WeightsFormatError);
  const { message } = caught as WeightsFormatError;
  expect(message).toMatch(/^[^\n]{1,1500}\.$/);
  return message;
}
