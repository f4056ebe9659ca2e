import { describe, expect, it } from 'vitest';
import { blamedShaders, faultsOf } from '../../../src/inspect/conformance/blame.ts';
import type { CheckedOutput } from '../../../src/inspect/conformance/run_kernel_case.ts';

function output(shaders: string[], error: number, choices: CheckedOutput['choices'] = []): CheckedOutput {
  const rest = { case: 'c', output: 'y', rung: undefined, elements: 1, worst: undefined, repeats: true };
  return { ...rest, shaders, error, choices };
}

describe('blamedShaders', () => {
  it('blames the one that was alone, and with it all that it had a part in', () => {
    const outputs = [
      output(['sum'], 9),
      output(['product', 'sum'], 9),
      output(['product', 'sum'], 9),
      output(['product'], 0.5),
    ];
    expect(blamedShaders(outputs)).toEqual(['sum']);
  });

  it('else the one that is wrong most often for how often it ran', () => {
    const outputs = [output(['norm', 'factor'], 9), output(['norm', 'scale'], 9), output(['factor', 'scale'], 0.1)];
    expect(blamedShaders(outputs)).toEqual(['norm']);
  });

  it('counts other bits, and what was thrown, as wrong', () => {
    expect(blamedShaders([{ ...output(['a'], 0), repeats: false }])).toEqual(['a']);
    expect(blamedShaders([{ ...output(['a'], 0), problem: 'words overwritten' }])).toEqual(['a']);
    expect(blamedShaders([output(['a'], 1)])).toEqual([]);
  });
});

describe('faultsOf', () => {
  it('takes a rung away wherever it was seen to choose the shader, and refuses what no rung chose', () => {
    const outputs = [
      output(['conv_tiled', 'transpose'], 9, [['conv2d', 'tiled']]),
      output(['conv_tiled'], 9, [['conv2d', 'tiled']]),
      // Right by chance, by the same shader.
      output(['conv_tiled'], 0.1, [['conv2d-narrow', 'tiled']]),
      output(['conv_naive'], 0.1, [['conv2d', 'naive']]),
      output(['transpose'], 0),
      output(['relu'], 7),
    ];
    expect(faultsOf(outputs)).toEqual({ rungs: { conv2d: ['tiled'], 'conv2d-narrow': ['tiled'] }, shaders: ['relu'] });
  });

  it('takes away only those tiles that were wrong, as each is compiled for itself', () => {
    const outputs = [
      output(['conv2d_blocked'], 9, [['conv2d', 'blocked:128x128x16/8x8']]),
      output(['conv2d_blocked'], 0.1, [['conv2d-narrow', 'blocked:128x128x16/8x8']]),
      output(['conv2d_blocked'], 0.1, [['conv2d', 'blocked:64x64x16/4x4']]),
    ];
    expect(faultsOf(outputs).rungs).toEqual({
      conv2d: ['blocked:128x128x16/8x8'],
      'conv2d-narrow': ['blocked:128x128x16/8x8'],
    });
  });

  it('blames the rung that dispatched where one leads to another', () => {
    const choices: CheckedOutput['choices'] = [
      ['conv2d', 'subgroup'],
      ['matmul', 'subgroup'],
    ];
    expect(faultsOf([output(['matmul_subgroup'], 9, choices)]).rungs).toEqual({ matmul: ['subgroup'] });
  });

  it('blames of several rungs that were chosen the one whose name the shader bears', () => {
    const choices: CheckedOutput['choices'] = [
      ['conv2d-3x3', 'winograd'],
      ['matmul', 'subgroup'],
    ];
    const product = output(['winograd_input', 'matmul_subgroup'], 9, choices);
    expect(faultsOf([product, output(['winograd_input'], 9, choices)]).rungs).toEqual({ 'conv2d-3x3': ['winograd'] });
    const tile: CheckedOutput['choices'] = [
      ['conv2d', 'blocked:64x64x16/4x4'],
      ['matmul', 'subgroup'],
    ];
    expect(faultsOf([output(['conv2d_blocked'], 9, tile)]).rungs).toEqual({ conv2d: ['blocked:64x64x16/4x4'] });
  });
});
