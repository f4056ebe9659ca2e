import { type PageData, unpackPage } from '../../inspect/page_data.ts';
import { buildStepPage } from './step_page.ts';
import { StepView } from './step_view.ts';

const byId = (id: string) => document.getElementById(id) as HTMLElement;

/** The numbers of the page: deflated, as base64. */
async function numbersOf(text: string): Promise<Float32Array> {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Float32Array(await new Response(stream).arrayBuffer());
}

const data = JSON.parse(byId('record').textContent ?? '') as PageData;
const numbers = await numbersOf((byId('numbers').textContent ?? '').trim());
buildStepPage(new StepView(unpackPage(data, numbers)));
window.scrollTo(0, 0);
document.documentElement.dataset.ready = 'true';
