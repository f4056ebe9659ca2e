import Prism from 'prismjs';
import 'prismjs/components/prism-wgsl.js';
import { shaderHeader } from '../../runtime/shader_header.ts';
import { html } from '../dom.ts';
import { mathml } from '../mathml.ts';
import type { StepView } from './step_view.ts';

/** A kernel: what it computes, typeset, and its WGSL. */
export function sourceView({ step }: StepView, kernel: string): HTMLElement {
  const [name] = kernel.split('<');
  const source = step.shaders[name];
  const title = html('h4', {}, `shaders/${name}.wgsl`);
  if (source === undefined) return html('div', {}, title, html('p', {}, 'Its text is not on this page.'));
  const { mathematics, text } = shaderHeader(source);
  const formulas = html('div', { class: 'formula' });
  formulas.innerHTML = mathematics.filter(Boolean).map(mathml).join('');
  const code = html('code', {});
  code.innerHTML = Prism.highlight(source, Prism.languages.wgsl, 'wgsl');
  return html(
    'div',
    { class: 'source' },
    title,
    html('p', {}, text[0] ?? ''),
    formulas,
    ...text.slice(1).map((paragraph) => html('p', {}, paragraph)),
    html('pre', { tabindex: 0 }, code),
  );
}
