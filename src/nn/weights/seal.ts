import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { WeightsFormatError } from './format_error.ts';

/** Name of the checksum in a file's metadata, of which it is the first entry. */
export const SEAL = 'wgrad.sha256';
/** What stands in its place while it is computed. */
export const UNSEALED = '0'.repeat(64);
/** With what the header of a sealed file begins. */
const OPENING = new TextEncoder().encode(`{"__metadata__":{"${SEAL}":"`);
const HEADER = 8;
const DIGEST = HEADER + OPENING.length;

/** Whether a safetensors file holds a checksum over all of its bytes. */
export function isSealed(file: Uint8Array): boolean {
  return file.length >= DIGEST + UNSEALED.length && OPENING.every((byte, i) => file[HEADER + i] === byte);
}

/** SHA-256 of a file's bytes, zeros in place of the checksum itself. */
function digestOf(file: Uint8Array): string {
  const hash = sha256.create();
  hash.update(file.subarray(0, DIGEST)).update(new TextEncoder().encode(UNSEALED));
  return bytesToHex(hash.update(file.subarray(DIGEST + UNSEALED.length)).digest());
}

/** Writes the checksum into a file whose first metadata entry is SEAL: UNSEALED. */
export function seal(file: Uint8Array): void {
  file.set(new TextEncoder().encode(digestOf(file)), DIGEST);
}

/** Throws WeightsFormatError where a sealed file holds other bytes than it was written with. */
export function checkSeal(file: Uint8Array): void {
  if (!isSealed(file)) return;
  const stored = new TextDecoder().decode(file.subarray(DIGEST, DIGEST + UNSEALED.length));
  if (stored === digestOf(file)) return;
  throw new WeightsFormatError('The checksum in the file is not that of its bytes: some of them have changed.');
}
