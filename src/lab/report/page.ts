import { text } from './block_html.ts';
import { PAGE_STYLE } from './page_style.ts';

/** A report as one HTML page that needs no other file and no network. title: plain text; header and main: HTML. */
export function reportPage({ title, header, main }: { title: string; header: string; main: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
</body>
</html>
`;
}
