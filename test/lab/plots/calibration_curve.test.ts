import { describe, expect, it } from 'vitest';
import { calibrationCurve } from '../../../src/lab/plots/calibration_curve.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

describe('calibrationCurve', () => {
  const bin = (count: number, confidence: number, accuracy: number) => ({ count, confidence, accuracy });

  it('draws the filled bins, all counts and the expected calibration error', () => {
    const bins = [bin(0, Number.NaN, Number.NaN), bin(25, 0.4, 0.5), bin(75, 0.9, 0.7)];
    const figure = calibrationCurve({ bins });
    expectWholeFigure(figure);
    // 25/100 · 0.1 + 75/100 · 0.2
    expect(textsOf(figure)).toEqual(expect.arrayContaining(['expected calibration error 0.175', '0', '25', '75']));
    expect([...figure.svg.matchAll(/transform="matrix\(4,0,0,4,/g)]).toHaveLength(2);
  });

  it('draws ten full bins and none at all', () => {
    const ten = Array.from({ length: 10 }, (_, i) => bin(1000 * (i + 1), (i + 0.5) / 10, (i + 0.2) / 10));
    expectWholeFigure(calibrationCurve({ bins: ten }));
    expectWholeFigure(calibrationCurve({ bins: [bin(0, Number.NaN, Number.NaN)] }));
  });

  it('says which argument is wrong', () => {
    expect(() => calibrationCurve({ bins: [] })).toThrow('calibrationCurve: bins is empty');
    expect(() => calibrationCurve({ bins: [bin(3, 50, 0.5)] })).toThrow('bins.confidence[0] is 50');
    expect(() => calibrationCurve({ bins: [bin(0.5, 0.5, 0.5)] })).toThrow('bins.count[0] is 0.5');
  });
});
