/** The report's looks: one column that is read on a phone, on a screen and on paper. Figures have white grounds, so the page has one as well. */
export const PAGE_STYLE = `
:root { color-scheme: light; --text: #1f2328; --muted: #4b535d; --line: #d5d9de; --ground: #f5f7f9; --accent: #0072b2; --bad: #b3400e; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 66rem; background: #fff; color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 3.2rem 0 .4rem; padding-top: .8rem; border-top: 2px solid var(--text); }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
p, li { max-width: 46rem; }
a { color: var(--accent); }
.question { font-size: 1.1rem; color: var(--muted); margin-top: 0; }
.about { color: var(--muted); margin: .2rem 0; }
.notice, .failed { border-left: 4px solid var(--accent); background: var(--ground); padding: .6rem .9rem; margin: 1rem 0; max-width: 46rem; }
.failed { border-color: var(--bad); }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; margin: 1rem 0; }
nav a { display: block; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: .4rem; text-decoration: none; font-size: .95rem; }
nav a.failed { margin: 0; background: none; border: 1px solid var(--bad); color: var(--bad); }
ul.findings { list-style: none; padding: 0; margin: 1rem 0; }
ul.findings li { border-left: 4px solid #009e73; background: var(--ground); padding: .45rem .9rem; margin: .45rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0; font-size: .92rem; font-variant-numeric: tabular-nums; }
.table { margin: 1.4rem 0; }
.table > p, figcaption { color: var(--muted); font-size: .92rem; margin: .3rem 0; max-width: 52rem; }
th, td { padding: .28rem .7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 2px solid var(--text); vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 6.5rem; }
td:last-child:not(.number) { min-width: 12rem; }
.number { text-align: right; white-space: nowrap; }
figure { margin: 1.6rem 0; }
figure img { display: block; max-width: 100%; height: auto; }
summary { cursor: pointer; color: var(--accent); padding: .3rem 0; }
@media (max-width: 40rem) {
  body { padding: 1rem .75rem 3rem; }
  h1 { font-size: 1.6rem; }
  th, td { padding: .28rem .5rem; }
  /* Wide figures keep their letters readable and are moved sideways. */
  figure img { max-width: none; width: max(100%, calc(var(--width) * .72px)); }
}
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 1.6rem; }
  figure, .table, li { break-inside: avoid; }
  .scroll { overflow: visible; }
  figure img { max-height: 230mm; width: auto; }
  table { font-size: 8pt; }
  th, td { padding: .15rem .35rem; }
}
`.trim();
