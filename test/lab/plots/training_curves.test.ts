import { describe, expect, it } from 'vitest';
import {
  spreadApart,
  type TrainingCourse,
  trainingCurveGroups,
  trainingCurves,
} from '../../../src/lab/plots/training_curves.ts';
import { expectWholeFigure, textsOf } from './read_figure.ts';

function run(name: string, epochs: number, evaluated = false): TrainingCourse {
  const loss = Array.from({ length: epochs }, (_, i) => 2.3 * 0.9 ** i);
  const accuracy = loss.map((value) => 1 - value / 2.6);
  const evaluation = evaluated
    ? { evalLoss: loss.map((v) => v + 0.3), evalAccuracy: accuracy.map((a) => a * 0.9) }
    : {};
  return { name, loss, accuracy, ...evaluation };
}

/** Markers of the first series colour, filled or hollow. */
const markers = (svg: string, colour = '#0072B2'): number =>
  [...svg.matchAll(new RegExp(`transform="matrix\\([^"]*"[^>]*(?:fill|stroke)="${colour}"`, 'g'))].length;

describe('trainingCurves', () => {
  it('draws one run with its evaluation: legend, whole epochs, accuracy in percent, last values', () => {
    const one = run('CustomCNN', 15, true);
    const figure = trainingCurves({ runs: [one], title: 'CustomCNN' });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(
      expect.arrayContaining(['training', 'test', 'loss', 'accuracy (%)', 'epoch', '1', '5', '10', '15']),
    );
    expect(texts).toContain(one.loss[14]!.toFixed(2));
    expect(texts).toContain((100 * one.evalAccuracy![14]!).toFixed(1));
    expect(figure.svg).toContain('stroke-dasharray="5,4"');
  });

  it('needs no legend for one run without evaluation, and names the runs otherwise', () => {
    expect(textsOf(trainingCurves({ runs: [run('alone', 3)] }))).not.toContain('training');
    const names = ['CE', 'weighted CE', 'focal (γ 2)', 'class-balanced', 'label smoothing', 'CE, second seed'];
    const figure = trainingCurves({ runs: names.map((name) => run(name, 12, true)), evalName: 'validation' });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toEqual(expect.arrayContaining([...names, 'training', 'validation']));
  });

  it('shows a single epoch by its markers', () => {
    const figure = trainingCurves({ runs: [run('short', 1, true)] });
    expectWholeFigure(figure);
    // Training and evaluation, loss and accuracy.
    expect(markers(figure.svg)).toBe(4);
  });

  it('leaves gaps where a value is missing, marks a value between two gaps, and says so', () => {
    const nan = Number.NaN;
    const loss = Array.from({ length: 40 }, (_, i) => (i === 20 || i === 22 ? nan : 2 - i / 40));
    const broken = { name: 'diverged', loss, accuracy: loss.map(() => 0.5) };
    const figure = trainingCurves({ runs: [broken] });
    expectWholeFigure(figure);
    const whole = trainingCurves({
      runs: [{ ...broken, loss: loss.map((v, i) => (Number.isNaN(v) ? 2 - i / 40 : v)) }],
    });
    // Epoch 22 is no tick of the axis, yet it has a marker.
    expect(markers(figure.svg)).toBe(markers(whole.svg) + 1);
    expect(figure.caption).toContain('Gaps: no finite value (diverged)');
    expect(whole.caption).not.toContain('Gaps');
  });

  it('says that there is no value where all are missing', () => {
    const figure = trainingCurves({ runs: [{ name: 'x', loss: [Number.NaN, Infinity], accuracy: [1, 1] }] });
    expectWholeFigure(figure);
    expect(textsOf(figure)).toContain('no finite value');
    // An accuracy of 100 % throughout does not stretch the axis beyond it.
    expect(textsOf(figure)).not.toContain('102');
  });

  it('says which argument is wrong', () => {
    expect(() => trainingCurves({ runs: [] })).toThrow('trainingCurves: runs is empty');
    expect(() => trainingCurves({ runs: [{ name: 'x', loss: [], accuracy: [] }] })).toThrow('runs[0].loss is empty');
    expect(() => trainingCurves({ runs: [run('a', 2), { ...run('b', 2), accuracy: [0.1] }] })).toThrow(
      'trainingCurves: runs[1].accuracy has 1 entries, expected 2 as runs[1].loss has.',
    );
    expect(() => trainingCurves({ runs: [{ name: 'x', loss: [1], accuracy: [55] }] })).toThrow(
      'runs[0].accuracy[0] is 55, expected a fraction from 0 to 1',
    );
  });
});

describe('trainingCurveGroups', () => {
  it('draws a row of two panels for each group', () => {
    const figure = trainingCurveGroups({
      groups: [
        { title: 'Loss functions', runs: [run('CE', 12), run('focal', 12)] },
        { title: 'Optimizers', runs: [run('SGD', 12), run('Adam', 12)] },
      ],
    });
    expectWholeFigure(figure);
    const texts = textsOf(figure);
    expect(texts).toEqual(expect.arrayContaining(['Loss functions', 'Optimizers', 'CE', 'focal', 'SGD', 'Adam']));
    expect(texts.filter((text) => text === 'Accuracy')).toHaveLength(2);
  });

  it('says which group is wrong', () => {
    expect(() => trainingCurveGroups({ groups: [] })).toThrow('trainingCurveGroups: groups is empty');
    expect(() => trainingCurveGroups({ groups: [{ title: 'x', runs: [] }] })).toThrow('groups[0].runs is empty');
  });
});

describe('spreadApart', () => {
  it('keeps what is far enough apart', () => {
    expect(spreadApart([50, 10, 90], 13, 0, 100)).toEqual([50, 10, 90]);
  });

  it('moves crowded positions apart in order, within the bounds', () => {
    const placed = spreadApart([98, 99, 97, 20], 10, 0, 100);
    expect(placed).toEqual([90, 100, 80, 20]);
    expect(spreadApart([5, 5, 5], 10, 0, 100)).toEqual([5, 15, 25]);
  });
});
