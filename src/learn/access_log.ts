/** One access to an array, by a line of the kernel. */
export interface Access {
  array: string;
  element: number;
  /** Elements of the array, as the kernel declares them. */
  length: number;
  /** Words of four bytes in an element. */
  words: number;
  kind: 'read' | 'write';
  line: number;
  /** Number of the invocation in its workgroup. */
  invocation: number;
  workgroup: string;
}

/** Two accesses to one element of which at least one writes, and which nothing puts in order. */
export interface Race {
  /** Whether the array lies in workgroup memory, so that a barrier can order them. */
  shared: boolean;
  first: Access;
  second: Access;
}

interface Element {
  writer?: Access;
  reader?: Access;
  /** Another invocation's. */
  otherReader?: Access;
}

/**
 * Notes what the invocations of a kernel read and wrote, and finds races: within a workgroup between two barriers; between workgroups always,
 * as nothing orders them. Of all races of two lines the first is kept, and of all accesses outside an array the first of a line.
 */
export class AccessLog {
  readonly races: Race[] = [];
  readonly outside: Access[] = [];
  /** Names of the arrays in workgroup memory. */
  readonly shared = new Set<string>();
  invocation = 0;
  line = 0;
  workgroup = '';
  /** Where the accesses of the invocation that is watched go, with their values. */
  watch: (Access & { value: readonly number[] })[] | undefined;
  #seen = new Set<string>();
  /** Since the last barrier. */
  #phase = new Map<string, Element>();
  /** Of other workgroups and earlier phases: who wrote and who read an element last. */
  #all = new Map<string, Element>();
  #last: Access | undefined;

  note(what: Pick<Access, 'array' | 'element' | 'length' | 'words' | 'kind'>): void {
    const access: Access = { ...what, line: this.line, invocation: this.invocation, workgroup: this.workgroup };
    this.#last = access;
    const { array, element, length, kind } = access;
    if (element < 0 || element >= length) {
      this.#once(`outside ${array} ${kind} ${access.line}`, () => this.outside.push(access));
      return;
    }
    const key = `${array} ${element}`;
    this.#compare(this.#phase, key, access, (other) => other.invocation !== access.invocation);
    if (!this.shared.has(array)) this.#compare(this.#all, key, access, (other) => other.workgroup !== access.workgroup);
  }

  /** Adds the value to the access that was noted last, where it is watched. */
  complete(value: () => readonly number[]): void {
    if (this.#last !== undefined) this.watch?.push({ ...this.#last, value: value() });
  }

  /** All invocations of the workgroup have come to a barrier, or to their end. */
  endPhase(): void {
    this.#phase.clear();
  }

  #compare(elements: Map<string, Element>, key: string, access: Access, differs: (other: Access) => boolean): void {
    let known = elements.get(key);
    if (known === undefined) {
      known = {};
      elements.set(key, known);
    }
    const others = access.kind === 'write' ? [known.writer, known.reader, known.otherReader] : [known.writer];
    for (const other of others) if (other !== undefined && differs(other)) this.#race(other, access);
    if (access.kind === 'write') known.writer ??= access;
    else if (known.reader === undefined) known.reader = access;
    else if (known.reader.invocation !== access.invocation || known.reader.workgroup !== access.workgroup)
      known.otherReader ??= access;
  }

  #race(first: Access, second: Access): void {
    this.#once(`race ${first.array} ${first.line} ${first.kind} ${second.line} ${second.kind}`, () =>
      this.races.push({ shared: this.shared.has(first.array), first, second }),
    );
  }

  #once(key: string, act: () => void): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    act();
  }
}
