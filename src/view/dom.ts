type Child = Node | string | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined | ((event: never) => void)>;

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** An element of a page. Attributes that begin with 'on' are listeners. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

/** An element of a drawing. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** A table with a header; numbers stand at the right. */
export function table(head: readonly string[], rows: readonly (readonly (Node | string | number)[])[]): HTMLElement {
  const cell = (tag: 'td' | 'th', value: Node | string | number) =>
    html(
      tag,
      {
        class:
          typeof value === 'number' || /^[−–-]?[\d.,]*(e[−+]?\d+)?( \S+)?$/.test(String(value)) ? 'number' : undefined,
      },
      value instanceof Node ? value : String(value),
    );
  return html(
    'div',
    { class: 'scroll', tabindex: 0 },
    html(
      'table',
      {},
      html('thead', {}, html('tr', {}, ...head.map((text) => html('th', { scope: 'col' }, text)))),
      html('tbody', {}, ...rows.map((row) => html('tr', {}, ...row.map((value) => cell('td', value))))),
    ),
  );
}
