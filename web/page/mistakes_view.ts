import { html } from '../../src/view/dom.ts';
import { percent } from '../../src/view/format.ts';
import type { Look, Ready } from '../protocol.ts';
import { picture } from './picture.ts';

/** Images that the runs take for others. */
export function mistakesView(
  { classNames, imageShape }: Ready,
  names: readonly string[],
  looks: readonly (Look | undefined)[],
  choose: (pixels: Uint8Array) => void,
): HTMLElement[] {
  return names.flatMap((name, i) => {
    const mistakes = looks[i]?.mistakes;
    if (mistakes === undefined) return [];
    const images = mistakes.map(({ label, predicted, probability, pixels }) =>
      html(
        'button',
        { type: 'button', class: 'mistake', onclick: () => choose(pixels) },
        picture(pixels, imageShape, 64),
        `${classNames[label]} for ${classNames[predicted]}`,
        html('br'),
        percent(probability),
      ),
    );
    return [
      html('h3', {}, name),
      html('div', { class: 'maps' }, ...(images.length > 0 ? images : ['None of them is wrong.'])),
    ];
  });
}
