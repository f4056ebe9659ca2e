import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same page as one HTML file that opens without a server: its style, its program, the worker's and the digits stand in it. */
export function writeOfflinePage(folder: string, file: string): void {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const assets = readdirSync(join(folder, 'assets'));
  const text = (pattern: RegExp) => {
    const name = assets.find((asset) => pattern.test(asset));
    if (name === undefined) throw new Error(`The build left no file ${pattern} in ${folder}/assets.`);
    return readFileSync(join(folder, 'assets', name), 'utf8');
  };
  const held = (script: string) => script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const digits = readFileSync(join(folder, 'digits.bin')).toString('base64');
  // Functions, since what is put in has dollar signs.
  const whole = page
    .replace(/<script type="module"[^>]*><\/script>\s*/, '')
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${text(/^index.*\.css$/)}</style>`)
    .replace(
      '</body>',
      () => `<script type="text/plain" id="held-digits">${digits}</script>
<script type="text/plain" id="held-engine">${held(text(/^worker.*\.js$/))}</script>
<script type="module">${held(text(/^index.*\.js$/))}</script>
</body>`,
    );
  writeFileSync(file, whole);
}
