/** What is wrong with a kernel. */
export interface Finding {
  kind:
    | 'compile'
    | 'interface'
    | 'adapter'
    | 'endless'
    | 'race'
    | 'unwritten'
    | 'outside'
    | 'wrong'
    | 'nondeterministic'
    | 'gradient';
  /** A sentence. */
  text: string;
  /** More about it, a sentence each. */
  details: string[];
  /** What it usually means. */
  meaning?: string;
}
