import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, defaultHighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import type { Place } from './desk_requests.ts';
import { wgsl } from './wgsl_language.ts';

/** An editor of WGSL. */
export class Editor {
  readonly #view: EditorView;

  constructor(parent: HTMLElement, onChange: () => void) {
    this.#view = new EditorView({
      parent,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        wgsl,
        indentUnit.of('  '),
        syntaxHighlighting(defaultHighlightStyle),
        lintGutter(),
        EditorView.contentAttributes.of({ 'aria-label': 'WGSL of the kernel' }),
        EditorView.updateListener.of(({ docChanged }) => {
          if (docChanged) onChange();
        }),
      ],
    });
    // It scrolls: the keyboard may reach it.
    this.#view.scrollDOM.tabIndex = 0;
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  set text(text: string) {
    const { length } = this.#view.state.doc;
    this.#view.dispatch({ changes: { from: 0, to: length, insert: text }, selection: { anchor: 0 } });
    this.mark(undefined);
  }

  /** Marks a place with what is wrong there, and goes to it; undefined takes the mark away. */
  mark(fault: { place: Place; sentence: string } | undefined): void {
    const { state } = this.#view;
    const marks: Diagnostic[] = [];
    if (fault && fault.place.line <= state.doc.lines) {
      const line = state.doc.line(fault.place.line);
      const from = Math.min(line.to, line.from + fault.place.column - 1);
      marks.push({ from, to: line.to, severity: 'error', message: fault.sentence });
      this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    }
    this.#view.dispatch(setDiagnostics(this.#view.state, marks));
  }
}
