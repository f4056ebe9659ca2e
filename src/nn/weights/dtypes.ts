import { fromHalves } from '../../runtime/half.ts';

/** Bytes of an element by type of element, named as safetensors does. */
const BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** A type of element that can be read from a file. */
export type Dtype = keyof typeof BYTES;

/** All of them, for messages. */
export const DTYPES = Object.keys(BYTES).join(', ');

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(BYTES, name);
}

export function bytesPerElement(dtype: Dtype): number {
  return BYTES[dtype];
}

/**
 * Little-endian elements as float32, rounded to the nearest; what float32 cannot reach becomes an infinity, as PyTorch's `.float()` has it.
 * Truth values become 0 and 1. bytes: whole elements.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array): Float32Array {
  // A copy that begins where its own memory does, as arrays of numbers must; the host's order of bytes is little-endian, as WebGPU's is.
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'F16':
      return fromHalves(new Uint16Array(buffer));
    case 'BF16':
      return bfloat16ToFloat32(new Uint16Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
      return Float32Array.from(new Uint8Array(buffer));
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer), (value) => (value === 0 ? 0 : 1));
  }
}

/** The upper half of a float32. */
function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (const [i, half] of halves.entries()) bits[i] = half << 16;
  return values;
}
