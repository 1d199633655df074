/** Faults that a hurried change could bring in. Each is planted alone, and must make the named test fail. */
export interface Defect {
  /** What the fault is, for the table. */
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file exactly once, and what takes its place. */
  readonly find: string;
  readonly replace: string;
  /** The test file, and the title of the test in it that fails. */
  readonly test: string;
  readonly caughtBy: string;
}
