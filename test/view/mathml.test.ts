import { expect, it } from 'vitest';
import { mathml } from '../../src/view/mathml.ts';

it.each([
  ['x', '<mi>x</mi>'],
  [
    'dW[kh, ci]',
    '<msub><mi mathvariant="normal">dW</mi><mrow><mi mathvariant="normal">kh</mi><mo>,</mo><mi mathvariant="normal">ci</mi></mrow></msub>',
  ],
  ['Σ over n of x', '<munder><mo largeop="true">∑</mo><mrow><mi>n</mi></mrow></munder><mi>x</mi>'],
  ['Σ x', '<mo largeop="true">∑</mo><mi>x</mi>'],
  ['√(a + 1)', '<msqrt><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow></msqrt>'],
  ['e^(−x)', '<msup><mi>e</mi><mrow><mrow><mo>(</mo><mo>−</mo><mi>x</mi><mo>)</mo></mrow></mrow></msup>'],
  ['1e-5', '<mn>1e-5</mn>'],
  ['a < b', '<mi>a</mi><mo>&lt;</mo><mi>b</mi>'],
  ['0 elsewhere', '<mn>0</mn><mtext>&nbsp;elsewhere&nbsp;</mtext>'],
  // Brackets that nothing closes end with the line.
  ['x[a', '<msub><mi>x</mi><mrow><mi>a</mi></mrow></msub>'],
])('%s', (formula, expected) => {
  expect(mathml(formula)).toBe(`<math display="block"><mrow>${expected}</mrow></math>`);
});
