import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { waitUnhurried } from '../../src/node/pacer.ts';

it('hands on what it waited for, and what went wrong', async () => {
  expect(await waitUnhurried(delay(5, 'done'))).toBe('done');
  await expect(waitUnhurried(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
});

it('keeps to one sleep a turn however many waits begin and end in it', async () => {
  for (let i = 0; i < 2000; i++) await waitUnhurried(Promise.resolve(i));
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  count();
  await waitUnhurried(delay(400));
  counting = false;
  // Sleeps of up to 2 ms leave some 200 turns; loops that had piled up would leave next to none.
  expect(turns).toBeGreaterThan(20);
});
