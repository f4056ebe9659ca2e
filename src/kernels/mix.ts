import type { DeviceArray } from '../runtime/gpu.ts';
import { dispatch } from './dispatch.ts';
import type { ImageSize } from './image_batch.ts';

/** Rows and columns of a box: from the first up to, not with, the second. */
export interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

type F32 = DeviceArray<'f32'>;
type U32 = DeviceArray<'u32'>;

/** λ · x[b] + (1 − λ) · x[partner[b]]. images: [B, …]; partner: [B]. */
export function mixup(images: F32, partner: U32, lambda: number): F32 {
  const { gpu, length: count } = images;
  const y = gpu.alloc(count, 'f32', 'mixup');
  dispatch(gpu, 'mixup', {
    arrays: { x: [images, count], partner: [partner, partner.length], y: [y, count] },
    params: { count, each: count / partner.length, lambda },
    invocations: count,
    bytes: 12 * count,
    flops: 3 * count,
  });
  return y;
}

/** The partner's pixels inside the box, the image's own outside. images: [B, H, W, C]; partner: [B]. */
export function cutmix(images: F32, partner: U32, { height: h, width: w, channels: c }: ImageSize, box: Box): F32 {
  const { gpu } = images;
  const count = partner.length * h * w * c;
  const y = gpu.alloc(count, 'f32', 'cutmix');
  dispatch(gpu, 'cutmix', {
    arrays: { x: [images, count], partner: [partner, partner.length], y: [y, count] },
    params: { count, ...{ h, w, c }, ...box },
    invocations: count,
    flops: 0,
  });
  return y;
}

/** Targets of mixed images, [B, classes]: λ[b] for an image's label, 1 − λ[b] for its partner's. labels, partner, lambda: [B]. */
export function softTargets(labels: U32, partner: U32, lambda: F32, classes: number): F32 {
  const { gpu, length: rows } = labels;
  const count = rows * classes;
  const y = gpu.alloc(count, 'f32', 'softTargets');
  dispatch(gpu, 'soft_targets', {
    operation: 'softTargets',
    arrays: { labels: [labels, rows], partner: [partner, rows], lambda: [lambda, rows], y: [y, count] },
    params: { count, classes },
    invocations: count,
    flops: count,
  });
  return y;
}
