import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { goesOnWith, sentenceWithWayOn } from '../../../src/lab/run/way_on.ts';
import { DeviceError, OutOfMemoryError, UserError } from '../../../src/runtime/errors.ts';
import { runProgram } from '../../run_program.ts';

const said = (error: Error) => sentenceWithWayOn(goesOnWith(error, 'npx wgrad train --resume runs/1') as Error);
const diskFull = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });

describe('the way on', () => {
  it('stands in place of the advice, where the device or the disk ended a run', () => {
    expect(said(new DeviceError('The GPU device was lost (why); open it again; go on from the last checkpoint.'))).toBe(
      'The GPU device was lost (why); open it again; go on from the last checkpoint with: npx wgrad train --resume runs/1',
    );
    expect(said(new UserError('The disk is full: x could not be written; free some space.', { cause: diskFull }))).toBe(
      'The disk is full: x could not be written; go on from the last checkpoint with: npx wgrad train --resume runs/1',
    );
  });

  it('stands after the advice, where there was no memory', () => {
    expect(said(new OutOfMemoryError('conv2d: the GPU has no room for 9 bytes; use a smaller batch.'))).toBe(
      'conv2d: the GPU has no room for 9 bytes; use a smaller batch; go on from the last checkpoint with: npx wgrad train --resume runs/1',
    );
  });

  it('is none where the same command would end in the same way', () => {
    expect(said(new UserError('--lr must be above 0.'))).toBe('--lr must be above 0.');
    expect(said(new Error('a defect'))).toBe('a defect');
  });
});

describe('a training whose disk or device fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wgrad-faults-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    { fault: 'disk:20', code: 2, says: /^wgrad: The disk is full: .+ could not be written; go on/m },
    { fault: 'device:60', code: 1, says: /^wgrad: The GPU device was lost \(.+\); go on/m },
  ])('ends in one sentence with the way on: $fault', ({ fault, code, says }) => {
    const run = join(folder, fault.replace(':', '-'));
    const { status, stderr } = runProgram(
      [
        ...['--import', './scripts/faults/inject.mjs', 'src/lab/cli/main.ts', 'train', '--data', 'mnist'],
        ...['--width', '0.0625', '--max-per-class', '4', '--test-per-class', '1', '--epochs', '2', '--into', run],
      ],
      { env: { WGRAD_FAULT: fault, WGRAD_FAULT_UNDER: folder } },
    );
    expect(stderr).toMatch(says);
    expect(stderr).toContain(`from the last checkpoint with: npx wgrad train --resume ${run}\n`);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(code);
  });
});
