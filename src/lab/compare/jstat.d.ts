declare module 'jstat' {
  /** The parts of jStat that are used here; it brings no types. */
  const library: {
    /** Student's t distribution. */
    studentt: { inv(p: number, freedom: number): number; cdf(x: number, freedom: number): number };
    normal: {
      inv(p: number, mean: number, deviation: number): number;
      cdf(x: number, mean: number, deviation: number): number;
    };
  };
  export default library;
}
